"""The learner's loop: progress, hints, the watch screen, pictures, and ways out when stuck."""

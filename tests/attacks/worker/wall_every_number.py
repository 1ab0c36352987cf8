"""Goal: try every system call there is, and see which one does something that it must not."""

HARMLESS = {0, 1, 3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 19, 20, 23, 24, 25, 28, 35, 39, 60, 63, 96, 98,
            99, 100, 102, 104, 107, 108, 110, 131, 186, 201, 202, 204, 219, 228, 229, 230, 231, 270, 271,
            302, 309, 318, 324, 334}  # fmt: skip
TRAPS = {335, 336}  # of the kernel's probes: SIGILL, by no filter's doing
for number in range(470) if X86 else ():
    if number not in HARMLESS | TRAPS:
        attempt(f"system call {number}", syscall, number, 0, 0, 0, 0, 0)

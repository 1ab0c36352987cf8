# The front door. Each verb is a line over the console command `dlfs`; the environment is .venv,
# and a verb brings what it needs the first time it is used.
# (staff
# A student's bundle has this file without the parts between "(staff" and "staff)".
# staff)

PYTHON ?= python3
DLFS := .venv/bin/dlfs

# nbgrader looks for its helpers on PATH.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Verbs share one environment and one course; each does its own work in parallel.
.NOTPARALLEL:

.PHONY: help test watch hint progress compare plot catchup reset lab fetch submit data update clean
# (staff
.PHONY: bundle build release collect grade feedback export diff formgrader mistakes
.PHONY: demo check attack faults lint prove evidence bench reproduce doctor
# staff)

help: ## list the verbs
	@echo "usage: make VERB [CH=ch03_activations] [EX=relu]"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' Makefile

# For learners
test: .venv/.student ## where do I stand; CH= EX= one, ALL=1 hidden checks too, PDB=1 stop in my code
	@$(DLFS) test $(CHAPTER) $(EXERCISE) $(if $(filter-out 0,$(ALL)),--all) $(if $(filter-out 0,$(PDB)),--pdb)

watch: .venv/.student ## run the exercise at hand at every save; keys for hints, the next one and more
	@$(DLFS) watch $(CHAPTER) $(EXERCISE)

hint: .venv/.student ## a hint for an exercise (EX=); ask again for the next of three
	@$(DLFS) hint $(CHAPTER) $(EXERCISE)

progress: .venv/.student ## what I have done so far, here and as a page with pictures
	@$(DLFS) progress

compare: .venv/.student ## the reference beside my code (EX=) once it passes; ANYWAY=1 before that
	@$(DLFS) compare $(CHAPTER) $(EXERCISE) $(if $(filter-out 0,$(ANYWAY)),--anyway)

plot: .venv/.student ## pictures of a chapter (CH=) from my own code
	@$(DLFS) plot $(CHAPTER)

catchup: .venv/.student ## solutions for the unfinished chapters that a chapter (CH=) builds on
	@$(DLFS) catchup $(CHAPTER)

reset: .venv/.student ## put back the stub of an exercise (EX=) or a chapter (CH=); mine is kept
	@$(DLFS) reset $(CHAPTER) $(EXERCISE)

lab: .venv/.lab ## a chapter's notebook (CH=) in JupyterLab; PORT=, OPEN=0 opens no browser
	@exec $(DLFS) lab $(CHAPTER) $(WHO) $(WHERE)

fetch: .venv/.lab ## get a chapter (CH=) that the course has released; without CH= see which
	@$(DLFS) fetch $(CHAPTER)

submit: .venv/.lab ## hand in a chapter (CH=); STUDENT= under which id
	@$(DLFS) submit $(CHAPTER) $(WHO)

data: .venv/.data ## fetch full MNIST and a text by Shakespeare (13 MB) for practice; NAME= one of them
	@$(DLFS) data $(if $(NAME),"$(NAME)")

update: .venv/.student ## take a newer bundle (FROM= a zip, folder or address) into this copy
	@$(DLFS) update $(if $(FROM),"$(FROM)")

# (staff
# For instructors
bundle: .venv/.instructor ## make what students get, a folder and a zip; SOLUTIONS=ch03_activations,...
	@$(DLFS) bundle $(if $(SOLUTIONS),--solutions "$(SOLUTIONS)") $(if $(OUT),--out "$(OUT)")

release: .venv/.instructor ## put a chapter (CH=) where students fetch it
	@$(DLFS) release $(CHAPTER)

collect: .venv/.instructor ## take in what was handed in for a chapter (CH=); ZIP= a platform's download
	@$(DLFS) collect $(CHAPTER) $(if $(ZIP),--zip "$(ZIP)")

grade: .venv/.instructor ## mark a chapter's (CH=) hand-ins in the sandbox, into the gradebook
	@$(DLFS) grade $(if $(CH),--chapter "$(CH)")

feedback: .venv/.instructor ## write and return a chapter's (CH=) feedback pages
	@$(DLFS) feedback $(CHAPTER)

export: .venv/.instructor ## show the gradebook's marks as a table (CSV)
	@$(DLFS) export

diff: .venv/.student ## whose marks of a chapter (CH=) a changed suite moves; or OLD= and NEW= files
	@$(DLFS) diff $(OLD) $(NEW) $(if $(CH),--chapter "$(CH)")

formgrader: .venv/.instructor ## hand-ins and marks in the browser; CH= one chapter, PORT=, OPEN=0
	@exec $(DLFS) formgrader $(CHAPTER) $(WHERE)

mistakes: .venv/.instructor ## what a class misunderstood: known mistakes, by exercise and student
	@$(DLFS) mistakes

demo: .venv/.instructor ## the whole round on a sample class of twelve
	@$(DLFS) demo

doctor: .venv/.student ## say which of the sandbox's walls this machine has
	@$(DLFS) doctor

# For authors and contributors
build: .venv/.instructor ## make stubs and notebooks from solutions/; CH= one chapter
	@$(DLFS) build $(CHAPTER)

check: .venv/.dev lint ## everything that must hold: lint, types, built files, the project's tests
	$(DLFS) build --check
	.venv/bin/pytest -n auto --maxprocesses 4 --dist worksteal tests

attack: .venv/.dev ## hostile hand-ins as every user on all sets of walls; then MINUTES= of fuzzing (10)
	@DLFS_LONG=$(or $(MINUTES),10) .venv/bin/pytest -s tests/test_attacks*.py tests/test_fuzz.py

faults: .venv/.dev ## kill the grader and its processes at random points, KILLS= times (200)
	@DLFS_KILLS=$(or $(KILLS),200) .venv/bin/pytest tests/test_faults.py

lint: .venv/.dev ## style and types
	.venv/bin/ruff check .
	.venv/bin/mypy

prove: .venv/.student ## run every suite on every known mistake and generic change; CH= one chapter
	@$(DLFS) prove $(CHAPTER)

evidence: .venv/.student ## measure the thresholds of checks that train, over many seeds; CH=
	@$(DLFS) evidence $(CHAPTER)

bench: .venv/.instructor ## figures side by side: marking, its overhead, the kernels; NAME= one, or memory
	@$(DLFS) bench $(if $(NAME),"$(NAME)")

reproduce: .venv/.student ## train the models that the books report, on full MNIST; NAME= one run
	@$(DLFS) reproduce $(if $(NAME),"$(NAME)")

# staff)
clean: ## remove caches; never anybody's work, marks or .venv
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis build dlfs.egg-info
	@find $(wildcard assignments autograder datasets solutions tests) -name __pycache__ -prune -exec rm -rf {} +

CHAPTER = $(if $(CH),"$(CH)")
EXERCISE = $(if $(EX),"$(EX)")
WHO = $(if $(STUDENT),--student "$(STUDENT)")
WHERE = $(if $(PORT),--port "$(PORT)") $(if $(filter 0,$(OPEN)),--no-browser)

# (staff
# No window is ever opened here.
check demo prove evidence bench: export MPLBACKEND = Agg
# staff)

# The environment: a stamp for each size. A larger one holds the smaller ones.
.venv/.student: BRINGS = .
.venv/.student: ABOUT = the small install (200 MB, about 10 seconds)
.venv/.student: STAMPS = student
.venv/.lab: BRINGS = .[lab]
.venv/.lab: ABOUT = notebooks and nbgrader (500 MB, about a minute)
.venv/.lab: STAMPS = student lab
.venv/.data: BRINGS = .[data]
.venv/.data: ABOUT = the downloader (6 MB, a few seconds)
.venv/.data: STAMPS = student data
SIZES = .venv/.student .venv/.lab .venv/.data
# (staff
.venv/.instructor: BRINGS = .[instructor]
.venv/.instructor: ABOUT = notebooks and nbgrader (500 MB, about a minute)
.venv/.instructor: STAMPS = student lab instructor
.venv/.dev: BRINGS = .[dev]
.venv/.dev: ABOUT = the classroom and the developers' tools (900 MB, about a minute)
.venv/.dev: STAMPS = student lab data instructor dev
SIZES += .venv/.instructor .venv/.dev
# staff)

$(SIZES): pyproject.toml constraints.txt | .venv/bin/python
	@echo "setting up $(ABOUT), this once, in .venv ..." >&2
	@.venv/bin/python -m pip install -qq --no-input --disable-pip-version-check \
		-c constraints.txt -e "$(BRINGS)"
	@cd .venv && for size in $(STAMPS); do : > ".$$size"; done

.venv/bin/python:
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
		echo "Python 3.11, 3.12 or 3.13 is needed, and $(PYTHON) is not:" \
			"name another one, for example make PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make environments: install its venv package" \
			"(on Debian and Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@"$(PYTHON)" -m venv .venv || { rm -rf .venv; exit 1; }

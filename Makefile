# make demo        train a SENN on half-moons
# make test        run the test suite in two processes; make test ARGS="-k score" selects,
#                  make test PROCESSES=0 ARGS=--pdb stays in one
# make test-all    run also what takes long, with many random examples of each law (minutes)
# make coverage    which lines and branches the suite runs, kernels as plain Python; fails below 97 %
# make lint        check the style and that the two lists of requirements agree
# make notebooks   execute the notebooks' sources and write them; make notebooks ARGS="01 03" selects
# make notebooks-check   execute them and compare with what is there, write nothing
# make sheets      write the pages beside the notebooks that are computed: cheat sheet, references, ...
# make exercises   write notebooks/exercises/: the notebooks without solutions, but none that you have
#                  changed; make exercises ARGS=--anew writes those too
# make assignments write build/assignments/: the exercises in nbgrader's format, source and release
# make peers       compare with torch, jax, curvlinops, nngeometry, blackjax and GroMo (minutes, not in CI)
# make lab         open the notebooks without solutions; make lab-solved those with them, folded
# make book        notebooks, equations and API reference as one site in build/book
# make slides      slides of each notebook in build/slides; make slides ARGS="01 03" selects
# make pdf         the course as one file, build/course.pdf; Chromium must be there
# make book-check  build it and open every page in Chromium, which must be there; not part of CI
# make report-check  make growth X-rays and move them in Chromium, as above; its accessibility by axe
# make equations   check every equation, and write the README's table of them anew
# make studies     run every study, some minutes each, then make claims; ARGS=--quick only tries them
# make claims      judge the paper's claims by the studies on record, and write the README's table anew
# make golden      write the worked values for those who port SENN, tests/data/golden.json
# make mutations   plant classic mistakes one by one, and see which test catches each (minutes)
# make package     build what is published into dist/, and try the wheel where there is no checkout
#                  (two minutes); SENNPY_URL=https://... names the repository's page to link to,
#                  ARGS="python3.10 python3.13" the Pythons to try
# make clean       remove the environment and everything that was built
#
# The first call builds .venv, which needs the network; later calls install nothing. The package is
# installed in place, so edits take effect at once. Another Python: make demo PYTHON=python3.12

PYTHON ?= python3
ARGS =
PROCESSES = 2
VENV = .venv
RUN = $(VENV)/bin/python -m
INSTALL = $(RUN) pip install --quiet --disable-pip-version-check

.PHONY: demo test test-all coverage lint equations studies claims golden mutations peers notebooks notebooks-check sheets exercises assignments lab lab-solved book book-check report-check package clean

demo: $(VENV)/.ready-demo
	$(RUN) sennpy half-moons $(ARGS)

test: $(VENV)/.ready
	$(RUN) pytest --numprocesses $(PROCESSES) --dist worksteal $(ARGS)

test-all: $(VENV)/.ready
	HYPOTHESIS_PROFILE=long $(RUN) pytest -m "" --numprocesses $(PROCESSES) --dist worksteal $(ARGS)

coverage: $(VENV)/.ready
	rm -f .coverage .coverage.*
	NUMBA_DISABLE_JIT=1 $(RUN) coverage run -m pytest -q --numprocesses $(PROCESSES) --dist worksteal $(ARGS)
	$(RUN) coverage combine -q
	$(RUN) coverage report

lint: $(VENV)/.ready
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	@grep '^[a-z]' requirements.txt | sort > $(VENV)/.wanted
	@grep -o '"[a-z-]*\(\[[a-z]*\]\)*>=[0-9.]*\(; [^"]*\)*",$$' pyproject.toml | tr -d '",' | sed 's/;.*//' | sort -u | diff - $(VENV)/.wanted || \
	  { echo "pyproject.toml (<) and requirements.txt (>) ask for different packages." >&2; exit 1; }

equations: $(VENV)/.ready
	$(RUN) sennpy equations $(ARGS)
	$(VENV)/bin/python tests/readme_table.py

studies: $(VENV)/.ready
	@for name in $$($(RUN) sennpy study --json 2>/dev/null | $(VENV)/bin/python -c \
	  "import json, sys; print(*json.load(sys.stdin)['studies'])"); do \
	  echo "study $$name"; $(RUN) sennpy study $$name $(ARGS) || exit 1; done
	@$(MAKE) --no-print-directory claims ARGS=

claims: $(VENV)/.ready
	$(RUN) sennpy study --claims
	$(VENV)/bin/python tests/readme_table.py

golden: $(VENV)/.ready
	$(VENV)/bin/python tests/make_golden.py

mutations: $(VENV)/.ready
	$(VENV)/bin/python tests/mutations.py $(ARGS)

notebooks: $(VENV)/.ready-notebooks
	$(VENV)/bin/python notebooks/build.py $(ARGS)

notebooks-check: $(VENV)/.ready-notebooks
	$(VENV)/bin/python notebooks/build.py --check $(ARGS)

sheets: $(VENV)/.ready
	$(VENV)/bin/python notebooks/sheets.py
	$(VENV)/bin/python notebooks/teaching.py
	$(VENV)/bin/python notebooks/syllabus.py

exercises: $(VENV)/.ready
	$(VENV)/bin/python notebooks/blank.py $(ARGS)

assignments: $(VENV)/.ready
	$(VENV)/bin/python notebooks/assignments.py $(ARGS)

lab: $(VENV)/.ready-notebooks exercises
	$(RUN) jupyter lab notebooks/exercises

lab-solved: $(VENV)/.ready-notebooks
	$(RUN) jupyter lab notebooks

book: $(VENV)/.ready-book
	$(VENV)/bin/python notebooks/book/build.py

book-check: book
	$(VENV)/bin/python notebooks/book/check.py $(ARGS)

report-check: $(VENV)/.ready-book
	$(VENV)/bin/python notebooks/book/xray.py $(ARGS)

package: $(VENV)/.ready-release
	$(VENV)/bin/python tests/try_wheel.py $(ARGS)

clean:
	rm -rf $(VENV) build dist notebooks/exercises *.egg-info .pytest_cache .ruff_cache .hypothesis .coverage*
	find . -name __pycache__ -prune -exec rm -rf {} +

# .unfinished marks an environment whose first install was broken off: it is built afresh.
# Only requirements.txt counts as a change, so that editing the settings of a tool in pyproject.toml
# asks for no network.
# What the demo needs comes first and alone; bytecode is made of what is imported, as it is.
$(VENV)/.ready-demo: requirements.txt
	@if [ -e $(VENV)/.unfinished ]; then rm -rf $(VENV); fi
	@if [ ! -e $(VENV)/bin/python ]; then $(CHECK_PYTHON) && \
	  mkdir -p $(VENV) && touch $(VENV)/.unfinished && $(PYTHON) -m venv $(VENV); fi
	@echo "Installing the package into $(VENV) (once; half a minute) ..."
	@$(INSTALL) --no-compile -e ".[fast,sklearn,plots]"
	@rm -f $(VENV)/.unfinished
	@touch $@

$(VENV)/.ready: $(VENV)/.ready-demo
	@echo "Installing what the tests need into $(VENV) (once) ..."
	@$(INSTALL) --no-compile -e ".[test]"
	@touch $@

$(VENV)/.ready-notebooks: $(VENV)/.ready
	@echo "Installing Jupyter into $(VENV) (once) ..."
	@$(INSTALL) -e ".[notebooks]"
	@touch $@

$(VENV)/.ready-book: $(VENV)/.ready
	@echo "Installing Sphinx into $(VENV) (once) ..."
	@$(INSTALL) -e ".[book]"
	@touch $@

$(VENV)/.ready-release: $(VENV)/.ready
	@echo "Installing build and twine into $(VENV) (once) ..."
	@$(INSTALL) -e ".[release]"
	@touch $@

define CHECK_PYTHON
{ $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || \
  { echo "sennpy needs Python 3.10 or newer; '$(PYTHON)' is missing or older." \
    "Name another: make PYTHON=python3.12 ..." >&2; exit 1; }; } && \
{ $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
  { echo "'$(PYTHON)' lacks the module venv (Debian, Ubuntu: apt install python3-venv)." >&2; exit 1; }; }
endef

# The other packages have an environment of their own, 2 to 6 GB, Python 3.11 or newer: .venv-peers.
# TORCH chooses a build, for example make peers TORCH=torch==2.13.0 where a smaller one is at hand.
PEERS = .venv-peers
TORCH = torch

.PHONY: peers clean-peers
peers: $(PEERS)/.ready
	$(PEERS)/bin/python -m pytest tests/peers --record figures/peers.json $(ARGS)

$(PEERS)/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "make peers needs Python 3.11 or newer, as blackjax and gromo do: make peers PYTHON=python3.12" >&2; exit 1; }
	@if [ ! -e $(PEERS)/bin/python ]; then $(PYTHON) -m venv $(PEERS); fi
	@echo "Installing into $(PEERS) (once; minutes) ..."
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check "$(TORCH)" -e ".[peers]" || \
	  { echo "not all peers could be installed: see above which; make peers needs every one." >&2; exit 1; }
	@touch $@

clean: clean-peers
clean-peers:
	rm -rf $(PEERS)

# Slides and the course as one file; neither is part of continuous integration.
.PHONY: slides pdf
slides: $(VENV)/.ready-slides
	$(VENV)/bin/python notebooks/slides.py $(ARGS)

pdf: $(VENV)/.ready-book
	$(VENV)/bin/python notebooks/book/pdf.py

$(VENV)/.ready-slides: $(VENV)/.ready
	@echo "Installing what slides need into $(VENV) (once) ..."
	@$(INSTALL) -e ".[slides]"
	@touch $@

.PHONY: run test ci faults simulate mutants bench clean

run: ## Open a real on-sale on http://127.0.0.1:5080, with a demo concert and the state in ./data
	dotnet run --project Api

test: ## Every test on the in-process engine
	dotnet test

ci: ## The gate: build, every test, the README's walk-through
	bash .ci/run

# The rounds of `make faults`; each can be set, as in `make faults CYCLES=50`.
CYCLES ?= 500
HISTORIES ?= 100
STOPS ?= 50
FLIPS ?= 200
TEARS ?= 100
JUMPS ?= 60
faults: export CYCLES := $(CYCLES)
faults: export HISTORIES := $(HISTORIES)
faults: export STOPS := $(STOPS)
faults: export FLIPS := $(FLIPS)
faults: export TEARS := $(TEARS)
faults: export JUMPS := $(JUMPS)
faults: ## Real servers through real faults, in long rounds: kill -9 (CYCLES, a fresh folder every 50), hot seats (HISTORIES), SIGTERM (STOPS), flipped bits (FLIPS), torn writes (TEARS), clock steps (JUMPS), disks; SEED=... for one seen before
	dotnet test tests/Faults --logger "console;verbosity=detailed" -- xUnit.ParallelizeTestCollections=false

SEEDS ?= 1000
OPERATIONS ?= 1000
simulate: SEED ?= 1
simulate: ## Play seeded histories of the whole system with crashes; goes on where it stopped; SEEDS=50000 for an hour's worth, SEED=... for one
	dotnet run -c Release --project tests/Simulation -- --operations $(OPERATIONS) --seeds $(SEED)..$$(($(SEED) + $(SEEDS) - 1))

mutants: ## Plant the bugs of tests/Simulation/Mutants one by one and see the simulator find each; MUTANT=07 for one
	bash tests/Simulation/Mutants/hunt $(MUTANT)

bench: ## Print the benchmarks; the last figures are in docs/BENCHMARKS.md
	dotnet run -c Release --project tests/Bench -- engine

clean: ## Remove what was built
	rm -rf artifacts

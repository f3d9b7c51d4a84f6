.PHONY: run test ci faults simulate mutants bench clean

run: ## Open a real on-sale on http://127.0.0.1:5080, with a demo concert and the state in ./data
	dotnet run --project Api

test: ## Every test on the in-process engine
	dotnet test

ci: ## The gate: build, every test, the README's walk-through
	bash .ci/run

CYCLES ?= 200
faults: export CYCLES := $(CYCLES)
faults: ## Kill the server under load 200 times and compare all it acknowledged; CYCLES=1000 for more, SEED=... for one seen before
	dotnet test tests/Faults --filter FullyQualifiedName~KillTests --logger "console;verbosity=detailed"

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

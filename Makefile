.PHONY: run test ci faults postgres repeats hostile million streams simulate mutants mutate bench clean

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

KEYS ?= 20000
repeats: export KEYS := $(KEYS)
repeats: ## Send every keyed call 1 to 10 times over stops and kills, 20,000 keys; KEYS=100000 for more, SEED=... for one seen before
	dotnet test tests/Faults --filter FullyQualifiedName~RepeatTests --logger "console;verbosity=detailed"

REQUESTS ?= 100000
SOCKETS ?= 5000
hostile: export REQUESTS := $(REQUESTS)
hostile: export SOCKETS := $(SOCKETS)
hostile: ## Send 100,000 hostile requests made of the contract, and abuse 5,000 sockets; REQUESTS=..., SOCKETS=..., SEED=... for one seen before
	dotnet test tests/Api.Tests --filter FullyQualifiedName~Hostile --logger "console;verbosity=detailed"

postgres: ## Take PostgreSQL from a server under load, 20 times in ten ways; kill -9 servers (50), PostgreSQL (10), both (5); run all that tests a server on it
	BOUNDS=1 dotnet test tests/Storage.Tests --filter FullyQualifiedName~PostgresJournalTests
	STORE=Postgres dotnet test tests/Api.Tests
	STORE=Postgres dotnet test tests/Flows
	STORE=Postgres CYCLES=50 POSTGRES=10 BOTH=5 dotnet test tests/Faults --filter FullyQualifiedName~KillTests --logger "console;verbosity=detailed"
	BOUNDS=1 OUTAGES=20 dotnet test tests/Faults --filter FullyQualifiedName~OutageTests --logger "console;verbosity=detailed"

TOKENS ?= 1000000
million: export TOKENS := $(TOKENS)
million: export BOUNDS := 1
million: ## A million join one queue, some leave, it restarts, all are admitted: against a plain list, in memory and time as promised; TOKENS=...
	dotnet test -c Release tests/Grains.Tests --filter FullyQualifiedName~MillionTests --logger "console;verbosity=detailed"

STREAMS ?= 10000
streams: export STREAMS := $(STREAMS)
streams: ## Keep 10,000 streams of events open from another process: how late events come, what a stream weighs; STREAMS=... for more
	dotnet test -c Release tests/Faults --filter FullyQualifiedName~StreamTests --logger "console;verbosity=detailed"

# It builds as configuration Mutation, so that no other build meets the changed assembly. The walks are shorter: hundreds of runs.
ONLY ?= **/*
mutate: export CONCERT_WALK_SEEDS := 12
mutate: ## Change Domain in small ways, one at a time: a test must see 90 % of them; ONLY='Seats/**/*' for a part of it
	dotnet tool restore
	cd tests/Domain.Tests && dotnet stryker --mutate '$(ONLY)' --output ../../artifacts/mutation

bench: ## Print the benchmarks; the last figures are in docs/BENCHMARKS.md
	dotnet run -c Release --project tests/Bench -- engine

clean: ## Remove what was built
	rm -rf artifacts

# gan-tools: `make` builds, `make check` tests, `make demo` trains something to look at.
#
# Variables: PREFIX, DESTDIR for install; CC, CFLAGS; BUILD is where objects go, BIN where the
# executables go; DEBUG=1 builds into build/debug what looks at its invariants.

PREFIX  ?= /usr/local
DESTDIR ?=
CC      ?= cc
BUILD   ?= build$(if $(DEBUG),/debug)
BIN     ?= $(if $(DEBUG),build/debug/)bin
# one name for a folder: what its .d files say must be of the targets here
override BUILD := $(patsubst $(CURDIR)/%,%,$(BUILD))
override BIN   := $(patsubst $(CURDIR)/%,%,$(BIN))
TOOLS   ?= $(patsubst bin/%.c,%,$(wildcard bin/gan-*.c))

WARN    = -std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wmissing-prototypes \
    -Wstrict-prototypes -Wcast-qual $(if $(CI),-Werror)
CFLAGS  ?= -O2 -g
DEFS    = -D_DEFAULT_SOURCE -D_FILE_OFFSET_BITS=64 $(if $(DEBUG),-DGAN_DEBUG) $(if $(MPI),-DGAN_MPI)
# Debian keeps BLIS in a folder of its own, named after its threading
BLIS_H  := $(firstword $(wildcard /usr/include/*/blis-*))
BLIS_L  := $(firstword $(wildcard /usr/lib/*/blis-*))
INCLUDE = -Ilib -I$(BUILD)/gen $(BLIS_H:%=-isystem %) $(MPI_H)
comma   := ,
# any MPI there is; without one a game has one process
MPI     := $(if $(NO_MPI),,$(firstword $(foreach p,mpi-c ompi-c mpich,$(shell pkg-config --exists $p 2>/dev/null && echo $p))))
MPI_H   := $(if $(MPI),$(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(MPI))))
MPI_L   := $(if $(MPI),-Wl$(comma)--as-needed $(shell pkg-config --libs $(MPI)))
OMP     = -fopenmp
LIBS    = $(BLIS_L:%=-L%) -llapacke -lblis -ljansson -lpng -ljpeg -lmd -lzip -lexif -lz -lm $(MPI_L)
ALL_CFLAGS = $(WARN) $(CFLAGS) $(DEFS) $(INCLUDE) $(OMP) $(SAN)
# kernels may contract a*b+c and assume no floating-point traps; nothing else is relaxed
KERNEL  = -O3 -ffp-contract=fast -fno-math-errno -fno-trapping-math

LIB_C   := $(sort $(filter-out $(if $(MPI),,lib/ranks/mpi.c),$(shell find lib -name '*.c')))
# simd_*.c is compiled once for each instruction set and chosen at run time
SIMD_C  := $(foreach c,$(LIB_C),$(if $(filter simd_%,$(notdir $(c))),$(c)))
PLAIN_C := $(filter-out $(SIMD_C),$(LIB_C))
MACHINE := $(shell $(CC) -dumpmachine 2>/dev/null)
ifneq ($(findstring x86_64,$(MACHINE)),)
ISAS = portable avx2 avx512
else
ISAS = portable
endif
FLAGS_portable =
FLAGS_avx2     = -mavx2 -mfma
FLAGS_avx512   = -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma -mprefer-vector-width=512

LIB_O   := $(PLAIN_C:lib/%.c=$(BUILD)/lib/%.o) \
           $(foreach i,$(ISAS),$(SIMD_C:lib/%.c=$(BUILD)/lib/%.$(i).o))
TEST_C  := $(wildcard tests/unit/*.c)
TEST_T  := $(TEST_C:%.c=$(BUILD)/%.t)
# what prove runs; BUILD and BIN are where it finds what they test
TESTS   = tests/tools/*.t tests/zoo/*.t $(TEST_T)

.SECONDARY: $(TOOLS:%=$(BUILD)/bin/%.o)
.PHONY: FORCE all check check-long lint print-flags demo install bench sanitize fuzz clean setup test-programs format
all: $(TOOLS:%=$(BIN)/%)

setup:
	@scripts/dev/setup

$(BUILD)/lib/tensor/%.o: lib/tensor/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(KERNEL) -MMD -MP -c -o $@ $<
$(BUILD)/lib/%.o: lib/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
define simd_rule
$(BUILD)/lib/%.$(1).o: lib/%.c Makefile
	@mkdir -p $$(@D)
	$(CC) $(ALL_CFLAGS) $(KERNEL) $(FLAGS_$(1)) -DISA=$(1) -DISA_$(1) -MMD -MP -c -o $$@ $$<
endef
$(foreach i,$(ISAS),$(eval $(call simd_rule,$(i))))

# Lists of what is there, looked at each time, since a file that has gone leaves no trace: operations
# that pages call and gan-data's commands are files of their folders, metrics what theirs define.
OPS_C    := $(sort $(wildcard lib/page/builtins/ops/*.c))
METRIC_C := $(sort $(wildcard lib/measure/metrics/*.c))
DATA_C   := $(sort $(wildcard bin/data/*.c))
LIST_builtin_ops   = for c in $(notdir $(OPS_C:.c=)); do echo "OP($$c)"; done
LIST_metrics       = sed -n 's/^const Metric metric_\([a-z0-9_]*\) = .*/METRIC(\1)/p' $(METRIC_C) | LC_ALL=C sort
LIST_data_commands = for c in $(filter-out data,$(notdir $(DATA_C:.c=))); do echo "COMMAND($$c)" | tr - _; done
$(BUILD)/gen/%.inc: FORCE
	@mkdir -p $(@D)
	@{ $(LIST_$*); } >$@.new; if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
$(BUILD)/lib/page/builtins/builtins.o: $(BUILD)/gen/builtin_ops.inc
$(BUILD)/lib/measure/metric.o: $(BUILD)/gen/metrics.inc
$(BUILD)/bin/gan-data.o: $(BUILD)/gen/data_commands.inc
# and the library is made anew when it should be of other files
$(BUILD)/gen/library.inc: LIST_library = echo $(LIB_C) $(DATA_C)

$(BUILD)/libgan.a: $(LIB_O) $(BUILD)/gen/library.inc
	@rm -f $@
	ar rcs $@ $(LIB_O)
DATA_O := $(DATA_C:bin/%.c=$(BUILD)/bin/%.o)
$(BUILD)/bin/%.o: bin/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -I. -MMD -MP -c -o $@ $<
$(BIN)/gan-data: $(DATA_O)
$(BIN)/%: $(BUILD)/bin/%.o $(BUILD)/libgan.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -o $@ $(filter %.o,$^) $(BUILD)/libgan.a $(LIBS)
$(BUILD)/tests/%.t: tests/%.c $(BUILD)/libgan.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Itests/lib -MMD -MP -o $@ $< $(BUILD)/libgan.a $(LIBS)
test-programs: $(TEST_T)

CORES := $(shell nproc)
# Tests share the cores, but for those that look at signals and time, which come one by one.
PROVE = prove $(PROVE_OPTIONS) -j$(CORES) --rules 'seq=tests/tools/{gan-step,gan-step-safe,manners,memory,outputs}.t' \
    --rules 'par=**'

# Each target does its own set-up, then calls itself with what is now there.
check: setup
	@$(MAKE) --no-print-directory -j$(CORES) all test-programs
	@scripts/dev/lint
	@BIN=$(abspath $(BIN)) BUILD=$(abspath $(BUILD)) $(PROVE) $(TESTS)
# What takes minutes: games that must learn, networks at the papers' sizes beside others' programs.
check-long: setup
	@$(MAKE) --no-print-directory -j$(CORES) all
	@BIN=$(abspath $(BIN)) $(PROVE) tests/long/*.t
# The rules of the house, one line an offence.
lint: setup
	@scripts/dev/lint
print-flags:
	@echo '$(ALL_CFLAGS) -I$(BUILD)/gen'
demo: setup
	@$(MAKE) --no-print-directory -j$(CORES) all
	@BIN=$(abspath $(BIN)) scripts/demo $(DEMO)

SHARE = $(DESTDIR)$(PREFIX)/share
# of pages with their recipes, and what those share; the rest is for development
FAMILIES = $(filter-out dev,$(patsubst scripts/%/,%,$(wildcard scripts/*/)))
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(SHARE)/gan-tools $(FAMILIES:%=$(SHARE)/gan-tools/%)
	install $(TOOLS:%=$(BIN)/%) $(DESTDIR)$(PREFIX)/bin
	for s in 1 5 7; do install -d $(SHARE)/man/man$$s && \
	    install -m 644 man/*.$$s $(SHARE)/man/man$$s; done
	install scripts/demo scripts/sweep.sh $(SHARE)/gan-tools
	for f in $(FAMILIES); do for p in scripts/$$f/*; do \
	    install -m $$([ -x $$p ] && echo 755 || echo 644) $$p $(SHARE)/gan-tools/$$f || exit 1; done; done

# Everything again under the address, leak and undefined-behaviour sanitizers, in a folder of its
# own. What BLIS and OpenMP keep until the end is no leak: tests/lib/leaks. Left out is what takes
# minutes of arithmetic for numbers that make check looks at.
ARITHMETIC_T = $(addprefix tests/zoo/,modes.t recipes-clips.t recipes-large.t stacked.t vae.t wgan.t)
sanitize: setup
	@$(MAKE) --no-print-directory -j$(CORES) BUILD=build/san BIN=build/san/bin CFLAGS="-O1 -g" \
	    SAN="-fsanitize=address,undefined -fno-sanitize-recover=undefined" all test-programs
	@LSAN_OPTIONS=suppressions=$(abspath tests/lib/leaks):print_suppressions=0 BIN=$(abspath build/san/bin) BUILD=$(abspath build/san) \
	    $(PROVE) $(filter-out $(ARITHMETIC_T),$(wildcard tests/tools/*.t tests/zoo/*.t)) $(TEST_C:%.c=build/san/%.t)

# Coverage-guided fuzzing of everything that parses, FUZZ_SECONDS each; needs clang with libFuzzer.
FUZZ_SECONDS ?= 60
FUZZ_C := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_T := $(FUZZ_C:tests/fuzz/fuzz_%.c=$(BUILD)/fuzz/%)
# one thread: tests/fuzz/serial stands for an OpenMP runtime
FUZZ_PLAIN = -O1 -g $(DEFS) $(INCLUDE) -isystem tests/fuzz/serial
FUZZ_FLAGS = $(FUZZ_PLAIN) -fsanitize=address,undefined
# the parsers and what is below them
FUZZ_PARSE_C = $(filter lib/base/% lib/stream/% lib/media/% lib/page/syntax/%,$(LIB_C)) \
    $(addprefix lib/measure/,statistics.c npz.c provenance.c result.c operand.c) \
    $(addprefix lib/maths/,frechet.c dense.c classes.c lapack.c)
FUZZ_PARSE_O = $(FUZZ_PARSE_C:lib/%.c=$(BUILD)/fuzz/lib/%.o)
FUZZ_PAGES = $(addprefix $(BUILD)/fuzz/,eval checkpoint)
# pages are evaluated and run: everything but metrics, which takes minutes to compile
FUZZ_WHOLE_O = $(patsubst lib/%.c,$(BUILD)/fuzz/lib/%.o,$(filter-out lib/measure/%,$(PLAIN_C))) \
    $(foreach i,$(ISAS),$(SIMD_C:lib/%.c=$(BUILD)/fuzz/lib/%.$(i).o))
# of the kernels those for every machine are run, so the others are not instrumented
define fuzz_simd_rule
$(BUILD)/fuzz/lib/%.$(1).o: lib/%.c Makefile
	@mkdir -p $$(@D)
	clang $(if $(filter portable,$(1)),$(FUZZ_FLAGS) -fsanitize=fuzzer-no-link,$(FUZZ_PLAIN)) \
	    $(FLAGS_$(1)) -DISA=$(1) -DISA_$(1) -MMD -MP -c -o $$@ $$<
endef
$(foreach i,$(ISAS),$(eval $(call fuzz_simd_rule,$(i))))
$(BUILD)/fuzz/lib/%.o: lib/%.c Makefile
	@mkdir -p $(@D)
	clang $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<
$(BUILD)/fuzz/lib/page/builtins/builtins.o: $(BUILD)/gen/builtin_ops.inc
$(BUILD)/fuzz/parse.a: $(FUZZ_PARSE_O)
$(BUILD)/fuzz/whole.a: $(FUZZ_WHOLE_O)
$(BUILD)/fuzz/%.a:
	@rm -f $@
	ar rcs $@ $^
$(FUZZ_PAGES): $(BUILD)/fuzz/whole.a
$(filter-out $(FUZZ_PAGES),$(FUZZ_T)): $(BUILD)/fuzz/parse.a
$(BUILD)/fuzz/%: tests/fuzz/fuzz_%.c
	clang $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $< $(filter %.a,$^) -Wl,--as-needed $(LIBS)
fuzz: $(FUZZ_T)
	@for t in $(FUZZ_T); do n=$$(basename $$t); mkdir -p $(BUILD)/fuzz/found/$$n; \
	    $$t -max_total_time=$(FUZZ_SECONDS) -malloc_limit_mb=512 -print_final_stats=1 \
	        $(BUILD)/fuzz/found/$$n tests/fuzz/corpus/$$n || exit 1; done

# Speed: of whole training iterations, beside those of the program PEER if one is given (it has the
# arguments of tests/bench/compare's workloads), and of the kernels, layer by layer, against the
# machine's measured peak; of shards, and of processes that share them.
PEER ?=
$(BUILD)/bench/%: tests/bench/%.c $(BUILD)/libgan.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -o $@ $< $(BUILD)/libgan.a $(LIBS)
bench: setup
	@$(MAKE) --no-print-directory -j$(CORES) all $(BUILD)/bench/conv_layers
	@tests/bench/compare --bin $(abspath $(BIN)) --peer "$(PEER)" \
	    --peak "$$($(BUILD)/bench/conv_layers none | sed -n 's/.*peak \([0-9.]*\).*/\1/p')"
	@$(BUILD)/bench/conv_layers
	@tests/bench/fid $(abspath $(BIN))
	@tests/bench/clipping $(abspath $(BIN))
	@tests/bench/shards --bin $(abspath $(BIN))

format:
	clang-format -i $(shell git ls-files '*.[ch]')

clean:
	rm -rf $(BUILD) $(TOOLS:%=$(BIN)/%)

-include $(LIB_O:.o=.d) $(FUZZ_PARSE_O:.o=.d) $(FUZZ_WHOLE_O:.o=.d) $(wildcard $(BUILD)/bin/*.d $(BUILD)/bin/data/*.d) $(TEST_T:.t=.d)

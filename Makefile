# SPDX-License-Identifier: GPL-2.0
#
# The front door; each target calls the script of its name, which has --help.
#
##  make demo     the main job: fill zswap, write it back, read it all back
##  make test     everything that proves the series, on both guests
##  make check    everything that proves the patch files
##  make bench    writing back against all that a user could do instead; QUICK=1
##                checks the counters of it in a few minutes
##  make soak HOURS=N   stress, on kernels with checkers, for so long, after the suites
##                that make test leaves out; PARTS=suites or stress: one of them
##  make matrix   the files of the series with other options, compilers, checkers
##  make mutants  faults put into the series, one at a time: are they found?
##
##  make run CMD='...'   boot the kernel and run CMD in it with a shell; prints
##                what CMD prints. `tools/guest/run` takes the same variables
##                and also ends with CMD's exit status (make says it, as
##                "Error N", but itself can only end with 2)
##  make shell    the same guest with a prompt
##
##      ARCH=um|x86_64        SERIES=patched|base    CONFIG=base|debug
##      MEM=1G  CPUS=2        SWAP=1G (0: none)      OVERLAY=DIR over the root
##      DATA=FILE as a disk   TIMEOUT=seconds
##
##  make zswapctl   build/zswapctl/zswapctl: the command for operators
##  make install    put it in place; prefix=/usr/local  DESTDIR=
##  make deb        kernel packages with the series, in build/deb;
##                  KCONFIG=/boot/config-$(uname -r) for a config like this machine's
##  make deb-zswapctl   the package of zswapctl
##  make deb-test   boots the kernel package in the x86_64 guest, and installs it and
##                the package of zswapctl on a system there; after make deb
##
##  make tree     build/linux: the kernel and the series as a git tree
##  make export   write patches/ from branch `series` of build/linux
##  make apply LINUX=DIR   put the series on your own tree
##  make mbox     build/series.mbox: one file to send
##  make deps     install the packages that all this needs
##  make clean    remove build/, but for build/linux
##
##  LINUX=/path (a tarball or tree of Linux 7.3.4) makes `make tree` do without
##  the network. Downloads are kept in ~/.cache/zswap-writeback.

VARIABLES := ARCH SERIES CONFIG MEM CPUS SWAP OVERLAY CMD DATA TIMEOUT SLOW \
	ACCEL NODES ICOUNT APPEND LINUX QUICK KERNEL KCONFIG

# Handed on as typed: a $ in CMD is the guest's shell's, not make's.
$(foreach v,$(VARIABLES),$(if $(filter-out undefined default,$(origin $(v))),\
	$(eval override $(v) := $$(value $(v)))$(eval export $(v))))

# The kernel's make must not inherit them as if typed for it.
MAKEOVERRIDES :=

.PHONY: help deps tree export check matrix test bench soak mutants demo run shell apply mbox clean \
	zswapctl install deb deb-zswapctl deb-test
.DEFAULT_GOAL := help

help:
	@sed -n 's/^##  \{0,1\}//p' Makefile

deps:
	@tools/deps

tree: deps
	@tools/tree/setup

export:
	@tools/tree/export

check: tree
	@tools/tree/check

matrix: tree
	@tools/tree/matrix $(ROWS)

test: tree
	@tools/deps ctl
	@tools/test

bench: tree
	@tools/bench/bench $(PARTS)

soak: tree
	@tools/soak "$(HOURS)" $(PARTS)

mutants: tree
	@tools/mutants/run $(MUTANTS)

demo: tree
	@tools/demo/demo

run: tree
	@tools/guest/run

shell: tree
	@tools/guest/run --shell

apply:
	@tools/tree/apply

mbox:
	@tools/tree/mbox

zswapctl:
	@tools/deps ctl-build
	@$(MAKE) -s -C tools/zswapctl

# The variables of the command line are handed on by name: MAKEOVERRIDES is empty.
# DESTDIR is seen from here, not from the directory that -C changes to.
install: zswapctl
	@$(MAKE) -s -C tools/zswapctl install 'DESTDIR=$(abspath $(DESTDIR))' \
		$(foreach v,prefix bindir mandir completiondir examplesdir unitdir,$(if \
		$(filter-out undefined,$(origin $(v))),'$(v)=$($(v))'))

deb:
	@tools/deb kernel

deb-zswapctl:
	@tools/deb zswapctl

deb-test:
	@tools/deb test

# build/linux may hold work that is nowhere else.
clean:
	@find build -mindepth 1 -maxdepth 1 ! -name linux -exec rm -rf {} + 2>/dev/null || true

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sound volume with a sound file on it, for tests that then change one thing.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include "unit.h"

#include "ntfs-punch/check.h"
#include "ntfs-punch/facts.h"

/* The volume: 256 MiB in 4 KiB clusters; the device has a sector more, with the backup of the boot sector. */
#define SAMPLE_CLUSTER         4096u
#define SAMPLE_VOLUME_CLUSTERS 65536u
#define SAMPLE_VOLUME_BYTES    ((uint64_t)SAMPLE_VOLUME_CLUSTERS * SAMPLE_CLUSTER)

/* The file: 1 MiB in three extents, at these clusters. */
#define SAMPLE_FILE_BYTES (1u << 20)
#define SAMPLE_LCN_A      1000u
#define SAMPLE_COUNT_A    100u
#define SAMPLE_LCN_B      5000u
#define SAMPLE_COUNT_B    50u
#define SAMPLE_LCN_C      2000u
#define SAMPLE_COUNT_C    106u

/* NTFS's own record N has two clusters here. */
#define SAMPLE_SYSTEM_LCN(record) (16u + 8u * (record))

/* Facts about it: outcome COMPLETE. Released with np_facts_release(). */
void sample_facts(struct np_facts *ret_facts);

#define SAMPLE_HOLE UINT64_MAX
struct sample_run {
	uint64_t lcn; /* or SAMPLE_HOLE */
	uint64_t count;
};

/* Replaces the file's extents by these, up to a count of 0, and its three sizes by their total. */
void sample_set_runs(struct np_facts *facts, const struct sample_run *runs);

/* Facts, and all else that checks look at, ready to be changed. */
struct sample {
	struct np_facts facts;
	struct np_check_input input;
	struct np_findings findings;
	struct np_extent_map extents;
};

/* Nothing refuses or warns. */
void sample_init(struct sample *sample);
void sample_release(struct sample *sample);

/*
 * Runs the checks, and holds every finding against what check.h promises of all: a verdict, and a message with it.
 * Where nothing refuses, the resulting extents are held against the facts: sample_extents_are_safe().
 */
void sample_check(struct sample *sample);

/* Gives it a file of 8 clusters, of which the last `count` begin at `lcn`, and runs the checks. */
void sample_put_last_run(struct sample *sample, uint64_t lcn, uint64_t count);

/*
 * Whether a map of the resulting extents can hurt nothing: they are the file's data in whole blocks, in its order, on
 * the volume and the device, no byte twice, and none that is a system file's or taken.
 */
bool sample_extents_are_safe(const struct sample *sample);

/* After sample_check(). */
void sample_assert_refused_only_by(const struct sample *sample, enum np_check check);
void sample_assert_verdict(const struct sample *sample, enum np_check check, enum np_verdict verdict);
void sample_assert_message(const struct sample *sample, enum np_check check, const char *part);
void sample_assert_remedy(const struct sample *sample, enum np_check check, const char *part);

/* All verdicts are OK but that of `check`, which is `verdict`. */
void sample_assert_all_ok_but(const struct sample *sample, enum np_check check, enum np_verdict verdict);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/store.h"

#include <endian.h>
#include <sha2.h>
#include <stddef.h>
#include <string.h>

#include "fingerprint.h"

#define VERSION 1u

static const char magic[16] = "ntfs-punch store";

/* On the disk, little-endian. */
struct header {
	char magic[16];
	uint32_t version;
	uint32_t state;
	uint64_t base_bytes;
	char base_uuid[136];
	uint8_t fingerprint[NP_FINGERPRINT_SIZE];
	uint8_t zeros[NP_STORE_SECTOR - 16 - 4 - 4 - 8 - 136 - 2 * NP_FINGERPRINT_SIZE];
	uint8_t checksum[NP_FINGERPRINT_SIZE]; /* SHA-256 of all before it */
};

_Static_assert(sizeof(struct header) == NP_STORE_SECTOR, "a header is a sector");
_Static_assert(sizeof(((struct header *)NULL)->base_uuid) == sizeof(((struct np_store *)NULL)->base_uuid), "UUID");
_Static_assert(NP_FINGERPRINT_SIZE == SHA256_DIGEST_LENGTH, "fingerprints are SHA-256");

static void compute_checksum(const struct header *header, uint8_t *checksum)
{
	SHA2_CTX context;

	SHA256Init(&context);
	SHA256Update(&context, (const uint8_t *)header, offsetof(struct header, checksum));
	SHA256Final(checksum, &context);
}

void np_store_format(const struct np_store *store, uint8_t sector[NP_STORE_SECTOR])
{
	struct header header = {
		.version = htole32(VERSION),
		.state = htole32(store->state),
		.base_bytes = htole64(store->base_bytes),
	};

	memcpy(header.magic, magic, sizeof(magic));
	memcpy(header.base_uuid, store->base_uuid, strnlen(store->base_uuid, sizeof(header.base_uuid) - 1));
	memcpy(header.fingerprint, store->fingerprint, sizeof(header.fingerprint));
	compute_checksum(&header, header.checksum);
	memcpy(sector, &header, sizeof(header));
}

void np_store_parse(const uint8_t sector[NP_STORE_SECTOR], struct np_store *ret_store)
{
	struct np_store store = { .state = NP_STORE_NONE };
	uint8_t checksum[NP_FINGERPRINT_SIZE];
	struct header header;
	uint32_t state;

	memcpy(&header, sector, sizeof(header));
	compute_checksum(&header, checksum);
	state = le32toh(header.state);
	if (!memcmp(header.magic, magic, sizeof(magic)) && !memcmp(header.checksum, checksum, sizeof(checksum)) &&
	    le32toh(header.version) == VERSION && state >= NP_STORE_ACTIVE && state <= NP_STORE_ENDED &&
	    memchr(header.base_uuid, '\0', sizeof(header.base_uuid))) {
		store.state = state;
		store.base_bytes = le64toh(header.base_bytes);
		memcpy(store.base_uuid, header.base_uuid, sizeof(store.base_uuid));
		memcpy(store.fingerprint, header.fingerprint, sizeof(store.fingerprint));
	}
	*ret_store = store;
}

int np_fingerprint(struct np_reader *reader, const struct np_extent_map *base, uint8_t fingerprint[NP_FINGERPRINT_SIZE])
{
	uint64_t total = np_extent_map_total(base);
	uint64_t part = total < NP_FINGERPRINT_BYTES ? total : NP_FINGERPRINT_BYTES;
	uint8_t data[65536];
	SHA2_CTX context;
	int r = 0;

	SHA256Init(&context);
	for (uint64_t done = 0; done < 2 * part && !r;) {
		uint64_t left = (done < part ? part : 2 * part) - done;
		size_t step = left < sizeof(data) ? (size_t)left : sizeof(data);
		uint64_t offset = done < part ? done : total - 2 * part + done;

		r = np_reader_read_map(reader, base, false, data, step, offset);
		if (!r)
			SHA256Update(&context, data, step);
		done += step;
	}
	SHA256Final(fingerprint, &context);
	return r;
}

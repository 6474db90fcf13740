/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fuzzer's input, taken from its front. What is taken past its end is zeros.
 */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct fuzz_input {
	const uint8_t *bytes;
	size_t size;
};

static inline size_t fuzz_take(struct fuzz_input *input, void *data, size_t size)
{
	size_t taken = size < input->size ? size : input->size;

	memset(data, 0, size);
	if (taken)
		memcpy(data, input->bytes, taken);
	input->bytes += taken;
	input->size -= taken;
	return taken;
}

static inline unsigned fuzz_take_number(struct fuzz_input *input, size_t width)
{
	unsigned number = 0;

	/* In the machine's order, which is that of the disk. */
	fuzz_take(input, &number, width);
	return number;
}

/* Not assert(): a build without it has to check too. */
static inline void fuzz_check(bool condition)
{
	if (!condition)
		abort();
}

/* The rest of an input as a text, which the caller frees. */
static inline char *fuzz_take_rest(struct fuzz_input *input)
{
	char *text = malloc(input->size + 1);

	fuzz_check(text);
	memcpy(text, input->bytes, input->size);
	text[input->size] = '\0';
	return text;
}

/*
 * A text of `size` bytes from two of the input, so that inputs stay short: how long it is, of which the highest mean that it
 * only just ends, or doesn't; and what it is made of.
 */
static inline void fuzz_take_text(struct fuzz_input *input, char *text, size_t size)
{
	unsigned length = fuzz_take_number(input, 1);
	int character = (int)fuzz_take_number(input, 1);
	size_t filled = length < 128 ? length : length < 192 ? size - 1 : size;

	memset(text, 0, size);
	memset(text, character, filled < size ? filled : size);
}

/* libFuzzer's (LLVM, "libFuzzer – a library for coverage-guided fuzz testing"). The first is called once, before all else; the last is its own. */
int LLVMFuzzerInitialize(int *argument_count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_most, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t size_most);

#endif

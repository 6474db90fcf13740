/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "node.h"

#include <stdlib.h>

#include "block.h"
#include "sysfs.h"

static bool disk_below(const struct np_node *node, dev_t disk, struct np_node *ret_below)
{
	struct np_node below = { .is_block = true, .number = disk };
	uint64_t start_bytes;

	if (!np_sysfs_read_bytes(node->number, "start", &start_bytes) ||
	    __builtin_add_overflow(node->start_bytes, start_bytes, &below.start_bytes))
		return false;
	*ret_below = below;
	return true;
}

static bool backing_below(const struct np_node *node, struct np_node *ret_below)
{
	struct np_node below;
	struct np_loop loop;

	if (np_loop_read(node->number, &loop) < 0)
		return false;
	below = (struct np_node){ .is_block = loop.is_block, .number = loop.backing, .inode = loop.inode };
	if (__builtin_add_overflow(node->start_bytes, loop.offset_bytes, &below.start_bytes))
		return false;
	*ret_below = below;
	return true;
}

static bool slave_below(const struct np_node *node, struct np_node *ret_below)
{
	struct np_node below = { .is_block = true, .start_bytes = node->start_bytes };
	uint64_t size_bytes, below_size_bytes;
	dev_t *numbers;
	size_t count;
	bool found;

	if (np_sysfs_list_of(node->number, "slaves", "dev", &numbers, &count) < 0)
		return false;
	found = count == 1;
	if (found)
		below.number = *numbers;
	free(numbers);
	if (!found || !np_sysfs_read_bytes(node->number, "size", &size_bytes) ||
	    !np_sysfs_read_bytes(below.number, "size", &below_size_bytes) || size_bytes != below_size_bytes)
		return false;
	*ret_below = below;
	return true;
}

bool np_node_below(const struct np_node *node, struct np_node *ret_below)
{
	dev_t disk = node->is_block ? np_block_disk(node->number) : 0;
	char line[16];

	if (!node->is_block)
		return false;
	if (disk)
		return disk_below(node, disk, ret_below);
	if (np_sysfs_read_attribute(node->number, "loop/backing_file", line, sizeof(line)))
		return backing_below(node, ret_below);
	/* md has slaves too, but what it keeps on them is its own. */
	if (np_sysfs_read_attribute(node->number, "dm/name", line, sizeof(line)))
		return slave_below(node, ret_below);
	return false;
}

bool np_node_partition(const struct np_node *node, dev_t partition, struct np_node *ret_partition)
{
	struct np_node found = { .is_block = true, .number = partition };
	uint64_t start_bytes;

	if (!np_sysfs_read_bytes(partition, "start", &start_bytes) ||
	    __builtin_sub_overflow(node->start_bytes, start_bytes, &found.start_bytes))
		return false;
	*ret_partition = found;
	return true;
}

bool np_node_loop(const struct np_node *node, const struct np_loop *loop, struct np_node *ret_loop)
{
	struct np_node found = { .is_block = true, .number = loop->number };

	if (!np_loop_is_on(loop, node->is_block, node->number, node->inode) ||
	    __builtin_sub_overflow(node->start_bytes, loop->offset_bytes, &found.start_bytes))
		return false;
	*ret_loop = found;
	return true;
}

void np_node_compare(const struct np_node *node, int64_t size_bytes, bool *ret_any, bool *ret_only)
{
	uint64_t node_size_bytes;
	int64_t end_bytes;

	*ret_any = *ret_only = false;
	if (!np_sysfs_read_bytes(node->number, "size", &node_size_bytes))
		return;
	if (__builtin_add_overflow(node->start_bytes, size_bytes, &end_bytes))
		end_bytes = INT64_MAX;
	*ret_any = end_bytes > 0 && (node->start_bytes < 0 || (uint64_t)node->start_bytes < node_size_bytes);
	*ret_only = node->start_bytes <= 0 && end_bytes > 0 && (uint64_t)end_bytes >= node_size_bytes;
}

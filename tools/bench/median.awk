# SPDX-License-Identifier: GPL-2.0
#
# For the scripts that make a summary of values[key, 1] to values[key, count[key]],
# with order[1] to order[keys] for the keys.

function sort(key,	i, j, v) {
	for (i = 2; i <= count[key]; i++) {
		v = values[key, i]
		for (j = i - 1; j > 0 && values[key, j] > v; j--)
			values[key, j + 1] = values[key, j]
		values[key, j + 1] = v
	}
}

function median(key,	n) {
	n = count[key]
	return n % 2 ? values[key, (n + 1) / 2] : (values[key, n / 2] + values[key, n / 2 + 1]) / 2
}

function print_medians(digits,	i, key) {
	for (i = 1; i <= keys; i++) {
		key = order[i]
		sort(key)
		printf "%s,%d,%.*g,%.*g,%.*g\n", key, count[key], digits, median(key),
			digits, values[key, 1], digits, values[key, count[key]]
	}
}

// SPDX-License-Identifier: GPL-2.0
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <unistd.h>

#include "memory.h"
#include "text.h"

void record_print(FILE *into, struct json_object *object)
{
	fprintf(into, "%s\n", json_object_to_json_string_ext(object, JSON_C_TO_STRING_SPACED));
	json_object_put(object);
}

static int write_new(const char *new, record_printer print, const void *of)
{
	int fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), ret = 0;
	FILE *into;

	if (fd < 0)
		return -errno;
	into = checked(fdopen(fd, "w"));
	errno = 0;
	print(into, of);
	if (fflush(into) || ferror(into) || fsync(fd))
		ret = errno ? -errno : -EIO;
	fclose(into);
	return ret;
}

/* A new name is on disk when the directory is */
static int sync_directory(const char *file)
{
	char *copy = format("%s", file);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret = 0;

	if (fd < 0 || fsync(fd))
		ret = -errno;
	if (fd >= 0)
		close(fd);
	free(copy);
	return ret;
}

int record_replace(const char *file, record_printer print, const void *of)
{
	char *new = format("%s.new", file);
	int ret = write_new(new, print, of);

	if (!ret && rename(new, file))
		ret = -errno;
	free(new);
	return ret ? ret : sync_directory(file);
}

int record_number(struct json_object *object, const char *key, uint64_t *number)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0)
		return -EINVAL;
	*number = json_object_get_uint64(value);
	return 0;
}

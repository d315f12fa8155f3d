/* SPDX-License-Identifier: MIT */
/*
 * shipfloor RAW OUT KB - what shipping a CPU's trace buffer costs at least
 *
 * The loop of the kernel's sample agent (tools/virtio/virtio-trace): fill a pipe from
 * trace_pipe_raw, empty it into the output, and nothing else. It ends when the buffer has no whole
 * page left, and prints the bytes shipped.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int
main(int argc, char *argv[])
{
	int in, out, pipes[2];
	size_t size, bytes = 0;
	ssize_t n, m, sent;

	if (argc != 4)
		errx(2, "usage: shipfloor raw out kb");
	size = strtoul(argv[3], NULL, 10) * 1024;
	if ((in = open(argv[1], O_RDONLY)) < 0)
		err(1, "%s", argv[1]);
	if ((out = open(argv[2], O_WRONLY)) < 0)
		err(1, "%s", argv[2]);
	if (pipe(pipes) != 0 || fcntl(pipes[1], F_SETPIPE_SZ, (int)size) < 0)
		err(1, "pipe");
	while ((n = splice(in, NULL, pipes[1], NULL, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK)) > 0)
		for (sent = 0; sent < n; sent += m, bytes += (size_t)m)
			if ((m = splice(pipes[0], NULL, out, NULL, (size_t)(n - sent),
				 SPLICE_F_MOVE)) <= 0)
				err(1, "%s", argv[2]);
	if (n < 0 && errno != EAGAIN)
		err(1, "%s", argv[1]);
	printf("%zu\n", bytes);
	return 0;
}

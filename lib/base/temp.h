/* SPDX-License-Identifier: MIT */
/* temp - a file without a name, in $TMPDIR or /tmp: it goes with whoever has it open */

#ifndef TEMP_H
#define TEMP_H

enum { TEMP_PATH = 4096 };

/* Its descriptor; -1 with errno set where there can be none. path says where it is, for messages.
 */
int temp_open(char path[TEMP_PATH]);

#endif

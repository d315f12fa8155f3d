/* SPDX-License-Identifier: MIT */
/*
 * heldstacks - write each stack once though a fold emits it long after it was read
 *
 * In place of the frames, the fold has what their definition needs. Definitions that are read are
 * not to be copied: they may give a hash of the output another meaning.
 */

#ifndef HELDSTACKS_H
#define HELDSTACKS_H

#include "rec.h"

struct heldstacks;

/* once: false if stacks and definitions are written as they are read. */
struct heldstacks *heldstacks_new(bool once);
void heldstacks_free(struct heldstacks *);

/* Take every record that is read: its frames, or those of its @HASH, become what the fold is to
 * hold, valid until the next call. Malformed frames stay as they are. */
void heldstacks_read(struct heldstacks *, struct rec *);

/* Replace what is held in a record by the @HASH, which the output defines first if it is new; valid
 * until the next call. */
void heldstacks_write(struct heldstacks *, struct out *, const struct rec *);

/* Was the @HASH of a state that was written read so long before that a reader may have forgotten
 * its definition? See stackdefs.h. */
bool heldstacks_late(const struct heldstacks *);

#endif

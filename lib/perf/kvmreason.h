/* SPDX-License-Identifier: MIT */
/*
 * kvmreason - the names of the reasons for which a guest's CPU gives control back to KVM
 *
 * The names are those that the kernel prints: Linux 6.18, arch/x86/include/uapi/asm/vmx.h and
 * svm.h, arch/arm64/include/asm/kvm_asm.h, kvm_arm.h and esr.h.
 */

#ifndef KVMREASON_H
#define KVMREASON_H

#include "base/text.h"

enum { KVMREASON_TEXT = 64 };

/* The field isa of kvm_exit on x86. */
enum kvm_isa { KVM_ISA_NONE, KVM_ISA_VMX, KVM_ISA_SVM };

/* "vmx" or "svm", else none. */
struct str kvmreason_isa(uint64_t isa);

/* Write the name of an x86 exit reason to d, which has room for KVMREASON_TEXT bytes; its number if
 * it has no name. Returns the length. */
size_t kvmreason_x86(uint64_t isa, uint32_t code, char *d);

/* The same for the exception code of arm64 and, if that is a trap, its exception class. */
size_t kvmreason_arm64(uint32_t code, uint32_t class, char *d);

#endif

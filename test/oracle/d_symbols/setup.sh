# /lib/modules as the recording found it: lists of modules that were not installed, and of what was
# built in. Of the lists, these are the lines that the recording shows or needs.
release=/lib/modules/$(uname -r)
rm -r "$release" && mkdir "$release"
printf 'kernel/%s.ko\n' arch/x86/events/amd/power arch/x86/events/intel/intel-{uncore,cstate} \
  fs/fuse/{fuse,cuse} >"$release/modules.order"
printf 'kernel/%s.ko\n' arch/x86/events/amd/amd-uncore arch/x86/crypto/libblake2s-x86_64 \
  arch/x86/platform/intel/iosf_mbi net/unix/unix >"$release/modules.builtin"
printf '%s\0' amd_uncore.license='GPL v2' amd_uncore.file=arch/x86/events/amd/amd-uncore \
  amd_uncore.description='AMD Uncore Driver' \
  mmiotrace.parm='trace_pc:Record address of faulting instructions.' \
  mmiotrace.parm='nommiotrace:Disable actual MMIO tracing.' \
  mmiotrace.parm='filter_offset:Start address of traced mappings.' \
  mmiotrace.file=arch/x86/mm/mmiotrace \
  unix.alias=net-pf-1 unix.license=GPL unix.file=net/unix/unix >"$release/modules.builtin.modinfo"

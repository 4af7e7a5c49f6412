// For programs that embed a machine: boot one, build drivers, be a process in it.

export { type BootOptions, type Kernel, start_kernel } from './boot.ts'
export { kbuild, KbuildError } from './kbuild/kbuild.ts'
export { UserProcess } from './user_process.ts'

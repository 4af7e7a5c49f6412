// Numbers of signals, and what a SIGIO is about; x86 and arm64 agree.
// Linux: include/uapi/asm-generic/signal.h, include/uapi/asm-generic/siginfo.h.

export const SIGHUP = 1
export const SIGINT = 2
export const SIGQUIT = 3
export const SIGILL = 4
export const SIGTRAP = 5
export const SIGABRT = 6
export const SIGBUS = 7
export const SIGFPE = 8
export const SIGKILL = 9
export const SIGUSR1 = 10
export const SIGSEGV = 11
export const SIGUSR2 = 12
export const SIGPIPE = 13
export const SIGALRM = 14
export const SIGTERM = 15
export const SIGCHLD = 17
export const SIGCONT = 18
export const SIGSTOP = 19
export const SIGTSTP = 20
export const SIGURG = 23
export const SIGIO = 29
export const SIGPOLL = SIGIO
/** How many signals there are. */
export const _NSIG = 64

export const POLL_IN = 1
export const POLL_OUT = 2
export const POLL_MSG = 3
export const POLL_ERR = 4
export const POLL_PRI = 5
export const POLL_HUP = 6

// Actions of syslog(2). Linux: include/linux/syslog.h.

export const SYSLOG_ACTION_CLOSE = 0
export const SYSLOG_ACTION_OPEN = 1
export const SYSLOG_ACTION_READ = 2
export const SYSLOG_ACTION_READ_ALL = 3
export const SYSLOG_ACTION_READ_CLEAR = 4
export const SYSLOG_ACTION_CLEAR = 5
export const SYSLOG_ACTION_CONSOLE_OFF = 6
export const SYSLOG_ACTION_CONSOLE_ON = 7
export const SYSLOG_ACTION_CONSOLE_LEVEL = 8
export const SYSLOG_ACTION_SIZE_UNREAD = 9
export const SYSLOG_ACTION_SIZE_BUFFER = 10

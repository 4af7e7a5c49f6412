// Takes out of a transcript's lines what no two boots share, let alone two kernels: times,
// addresses, process, inode and sequence numbers, dates, releases, sizes of modules, hashes of
// sources, and those parts of reports that only a processor has.

import { release } from 'node:os'

/** The release of the kernel that the transcripts were recorded on. */
const RECORDED_RELEASE = '6.1.0-56-amd64'

/** Reports hold lines on hardware that a simulated machine has not. */
const HARDWARE =
  /^K<\d>\[TIME\] (?:Hardware name:|Code:|RIP: 0033:|(?!RIP:)R[A-Z0-9]{2}:|RSP:|FS:|CS:|CR2:|DR\d:|PKRU:|PGD )/

/** A frame of a call trace that is not in a module: whose it is, depends on the kernel. */
const FOREIGN_FRAME =
  /^K<\d>\[TIME\] {2}(?:\? )?[\w.]+(?:\+0x[\da-f]+\/0x[\da-f]+| \([^)]*\))?$/

/** Devices of the one machine that the other does not have. */
const OTHER_DEVICES =
  /^O\| (?:240 modbox|c.* modbox|10:240|l.* modbox -> .*\/misc\/modbox)$/

/** What size(1) says; the recorded machine had no binutils. */
const SIZE = /^O\|\s+(?:text\s+data\s+bss|\d+\s+\d+\s+\d+\s+\d+\s+[\da-f]+\s+\w+\.ko)/

/** Tables that objtool and ftrace make of machine code: those a real module has beside ours. */
const TABLES_OF_CODE =
  /^O\|(?: |.*[ /])(?:\.orc_unwind(?:_ip)?|\.return_sites|__mcount_loc)(?:: \w+)?$/

const REPLACEMENTS: readonly (readonly [RegExp, string])[] = [
  [/\[ *\d+\.\d{6}\]/g, '[TIME]'],
  [/\[ *\d+\.\d{6} <\s*\d+\.\d+>\]/g, '[TIME <DELTA>]'],
  [/\[< *\d+\.\d{6}>\]/g, '[<DELTA>]'],
  [/\[ *\+\d+\.\d{6}\]/g, '[+DELTA]'],
  [/"time": *\d+\.\d{6}/g, '"time":TIME'],
  [/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} +\d+ [\d:]{8} \d{4}/g, 'DATE'],
  [/\d{4}-\d\d-\d\dT[\d:]{8},\d{6}[+-]\d\d:\d\d/g, 'DATE'],
  [/\b[A-Z][a-z]{2} [ \d]\d (?:[\d:]{5}| \d{4})(?= )/g, 'DATE'],
  [/\[[A-Z][a-z]{2} ?[ \d]\d [\d:]{5}\]/g, '[DATE]'],
  [/\b(?:0x)?[\da-f]*ffff[\da-f]{8,12}\b/g, 'ADDRESS'],
  [/\bSEQNUM=\d+/g, 'SEQNUM=N'],
  [/\bPID: \d+/g, 'PID: N'],
  [/\bctx=0x[\da-f]+/g, 'ctx=ADDRESS'],
  [/\bmnt_id:\s+\d+; ino:\s+\d+;/, 'mnt_id: N; ino: N;'],
  [/^(O\| dr[w-]xr-xr-x +)\d+ (root root +)\d+ (.* \.\.)$/, '$1N $2N $3'],
  // Of many calls together, so it says nothing of one that waits.
  [/^(O\| readall\(.*?) +\[after ~\d+ ms\]$/, '$1'],
  [/\b[\dA-F]{23}\b/g, 'SRCVERSION'],
  // The same through od, and the hash in a build id.
  [/^(O\| srcversion: 0000000)(?: +[\dA-F]){16}$/, '$1 SRCVERSION'],
  [/^O\| 0000020(?: +[\dA-F]){7} +\\n$/, 'O| SRCVERSION'],
  [/(?<=^O\| 0000[0-7]{3}\b.*)(?: {3}[\dA-F]){2,}/g, ' SRCVERSION'],
  // The compiler's counter.
  [/(\b__UNIQUE_ID_\w*[a-z_])\d+\b/g, '$1N'],
  [/^O\| ?(?: [\da-f]{2}){4,16}$/, 'O| BYTES'],
  [/^O\| ?(?: {3}[ -~]| {2}\\[\dabfnrtv]| [0-7]{3}){4,16}$/, 'O| BYTES'],
  [/\b\d+ (DATE [\w-]+\.ko)$/, 'SIZE $1'],
  // Lists of the kernel's package: what is in it.
  [/\b\d+ (DATE modules\.(?:order|builtin[\w.]*))$/, 'SIZE $1'],
  // Only a kernel that is still gathering randomness hides a pointer altogether.
  [/^(K.*full: init \d) (?:\(____ptrval____\)|[\da-f]{16})/, '$1 POINTER'],
  [/\[\d+\] (?=\w+:\w+:\d+:)/g, '[PID] '],
  [/\/build\/(?:\w+\/)*/g, ''],
  [/\b(\w+)\.c:\d+/g, '$1:LINE'],
  [/\b(?:[\w.-]+\/)*(\w+)\.ts:\d+(?::\d+)?/g, '$1:LINE'],
  // Nothing waits on purpose for so short: the machine was busy.
  [/ +\[after ~\d\d ms\]/, ''],
  // What does not wait for another program takes what the machine takes.
  [/^(O\| (?!read|poll|select|epoll_wait)\w+\(.* = -?\d+.*?) +\[after ~\d+ ms\]/, '$1'],
  [/^(O\| wait\(\) = \d+) +\[after ~\d+ ms\]/, '$1'],
  // The clock ticks, and so these are rounded up.
  [/\[after ~(\d+)50 ms\]/, '[after ~$100 ms]'],
  [/^(O\| \[t~) *\d+\]/, '$1TIME]'],
  [/(\bline \d+:) +\d+ (Bus error)/, '$1 PID $2'],
  // The recording shell was process 1.
  [/(\bchr: \[)init\]/, '$1bash]'],
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9} [+-]\d{4}/, 'DATE'],
  [/^(O\| Device: )0,\d+\tInode: \d+/, '$1N\tInode: N'],
  [/\b(\d+ bytes?) copied, [\d.e-]+ s, [\d.]+ [kMG]?B\/s/, '$1 copied, TIME'],
  // The boot loader there left a blank at the end.
  [/(Command line: .*panic=-1) (?=\\n"|"$|$)/, '$1'],
  [/\bmodbox-oracle-\w+/g, 'modbox-oracle'],
  // Records of /dev/kmsg: their numbers and times, and so their lengths.
  [/\b(\d+),\d+,\d+,([-c]);/g, '$1,SEQ,TIME,$2;'],
  [/= \d+ "(?=\d+,SEQ,)/g, '= N "'],
  [/(\[PID\] \w+:\w+):\d+:/g, '$1:LINE:'],
  [
    /^(K.*\b(?:pk: |regs: class_create=))(?:\(____ptrval____\)|0{8}[\da-f]{8})/,
    '$1POINTER',
  ],
  [/^(K.* pk: .* )(?:\(____ptrval____\)|0{8}[\da-f]{8}) null/, '$1POINTER null'],
  [/(\b\w+\+0x0)\/0x[\da-f]+/g, '$1/SIZE'],
  // A frame in a module: an offset there, a line of the source here.
  [
    /^(K<\d>\[TIME\](?: RIP: 0010:| +)(?:\? )?\w+)(?:\.cold)?(?:\+0x[\da-f]+\/0x[\da-f]+| \([^)]*\))( \[\w+\])$/,
    '$1$2',
  ],
  // The place of a driver's warning.
  [/( at \w+:LINE \w+)\+0x[\da-f]+\/0x[\da-f]+( \[\w+\])$/, '$1$2'],
  // What the shell and the kernel say of a process that dies.
  [/^(E\| \/lib\.sh: line \d+:) +\d+ (?=Killed|Segmentation fault|Bus error)/, '$1 PID '],
  // A row of ps(1), and a buffer in /proc/<pid>/syscall.
  [/^(O\| +)\d+ (root +(?:cat|grep) )/, '$1PID $2'],
  [/^(O\| \d+ 0x[\da-f]+ )0x7[\da-f]{11} /, '$1ADDRESS '],
  [/ \/proc\/\d+\//, ' /proc/PID/'],
  [/\b(note: \w+)\[\d+\]/, '$1[PID]'],
  [/(RIP: 0010:\w+)\+0x[\da-f]+\/0x[\da-f]+$/, '$1'],
  // A warning of the kernel's own: in which of its files, and how far into the function.
  [/ at [\w/]+:LINE (\w+)\+0x[\da-f]+\/0x[\da-f]+$/, ' at $1'],
  [/^(E\| (?:real|user|sys)\s+)\d+m[\d.]+s$/, '$1TIME'],
  [/^(O\| [\w-]+ +)\d{4,6}( +-?\d+)/, '$1SIZE$2'],
  [/^(O\| coresize: .*)/, 'O| coresize: SIZE'],
  [/^(O\| total )\d+/, '$1N'],
  [/(init_module\("\w+\.ko", len )\d{4,}/g, '$1SIZE'],
]

/** The line without what differs from boot to boot; undefined for a line to leave out. */
export function normalise(line: string): string | undefined {
  if (line.startsWith('=== END')) return undefined
  let text = line
    .replaceAll(RECORDED_RELEASE, 'RELEASE')
    .replaceAll(release(), 'RELEASE')
    .replace(/(Linux version RELEASE) .*/, '$1')
    .replace(/(Comm: \S+ (?:Not tainted|Tainted: [A-Z ]+?)) +RELEASE.*/, '$1 RELEASE')
  for (const [pattern, replacement] of REPLACEMENTS) {
    text = text.replace(pattern, replacement)
  }
  const excluded = [HARDWARE, FOREIGN_FRAME, OTHER_DEVICES, SIZE, TABLES_OF_CODE]
  if (excluded.some(pattern => pattern.test(text))) return undefined
  return text.replace(/ +/g, ' ')
}

/** All lines that count. */
export function normaliseTranscript(text: string): string[] {
  const lines = text.replace(/\n$/, '').split('\n')
  return withoutRaces(lines.map(normalise).filter(line => line !== undefined))
}

/** What several processes print at about the same time has no order. */
function withoutRaces(lines: readonly string[]): string[] {
  const ordered: string[] = []
  let racing: string[] = []
  for (const line of [...lines, '']) {
    if (line.startsWith('O| [t~')) racing.push(line)
    else {
      ordered.push(...racing.toSorted(), line)
      racing = []
    }
  }
  return ordered.slice(0, -1)
}

// Messages of every kind: levels, continuations, special text, long ones, limits, dumps.
import { ERR_PTR } from '#linux/err'
import { ECANCELED, EINVAL } from '#linux/errno'
import { MODULE_LICENSE, module_init } from '#linux/module'
import { module_param } from '#linux/moduleparam'
import {
  DUMP_PREFIX_NONE,
  DUMP_PREFIX_OFFSET,
  KERN_ALERT,
  KERN_CONT,
  KERN_CRIT,
  KERN_DEBUG,
  KERN_DEFAULT,
  KERN_EMERG,
  KERN_ERR,
  KERN_INFO,
  KERN_NOTICE,
  KERN_WARNING,
  pr_cont,
  pr_debug,
  pr_devel,
  pr_emerg,
  pr_err,
  pr_info,
  pr_info_once,
  pr_info_ratelimited,
  pr_warn_once,
  print_hex_dump,
  print_hex_dump_bytes,
  printk,
} from '#linux/printk'

MODULE_LICENSE('GPL')

const sel = module_param('sel', 'int', 0, 0)

function levels(): void {
  printk(KERN_EMERG + 'pk: emerg\n')
  printk(KERN_ALERT + 'pk: alert\n')
  printk(KERN_CRIT + 'pk: crit\n')
  printk(KERN_ERR + 'pk: err\n')
  printk(KERN_WARNING + 'pk: warning\n')
  printk(KERN_NOTICE + 'pk: notice\n')
  printk(KERN_INFO + 'pk: info\n')
  printk(KERN_DEBUG + 'pk: debug\n')
  printk(KERN_DEFAULT + 'pk: default\n')
  printk('pk: no level\n')
  pr_debug('pk: pr_debug\n')
  pr_devel('pk: pr_devel\n')
}

function continuations(): void {
  pr_info('pk: first')
  pr_cont(' second')
  pr_cont(' third\n')
  pr_info('pk: A')
  pr_info('pk: B without newline')
  pr_info('pk: C\n')
  pr_cont('pk: cont after newline\n')
  printk('pk: D ')
  printk('pk: E ')
  printk(KERN_CONT + 'F\n')
  pr_info('pk: open ')
  pr_err('pk: other level in between\n')
  pr_cont('late cont\n')
}

function specialText(): void {
  pr_info('pk: line one\npk: line two\n\npk: line four\n')
  pr_info('\n')
  pr_info('')
  pr_info('pk: trailing spaces   \n')
  // '\udcff' is the byte 0xff, which is no text in UTF-8.
  pr_info(
    'pk: tab[\t] cr[\r] bell[\x07] esc[\x1b[1m] hi[\udcff] utf8[é] backslash[\\] quote["] nul cut\n',
  )
  pr_info('   leading spaces\n')
  pr_info('%s\n', 'pk: percent 100% done')
  pr_info('<3>pk: textual angle level\n')
}

function longText(): void {
  for (const length of [2999, 1000, 1023]) pr_info('%s\n', 'L'.repeat(length))
  pr_info('pk: after long\n')
}

function limits(): void {
  for (let i = 0; i < 3; i++) {
    pr_info_once('pk: once %d\n', i)
    pr_warn_once('pk: warn once %d\n', i)
  }
  for (let i = 0; i < 14; i++) pr_info_ratelimited('pk: ratelimited %d\n', i)
}

function formats(): void {
  const text = 'Hello hex dump\x01\x02 0123456789'
  print_hex_dump(KERN_INFO, 'pk: ', DUMP_PREFIX_OFFSET, 16, 1, text, 24, true)
  print_hex_dump_bytes('pkb: ', DUMP_PREFIX_NONE, 'abc', 3)
  pr_info(
    'pk: %p %px %pS %ps %pe %pI4 %pM %*ph %pUb\n',
    sel,
    0x1234,
    p_init,
    p_init,
    ERR_PTR(-EINVAL),
    '\x7f\0\0\x01',
    '\x01\x02\x03\x04\x05\x06',
    4,
    '\xde\xad\xbe\xef',
    '0123456789abcdef',
  )
  pr_info(
    'pk: %d %u %x %#x %08lx %lld %c %5s|%-5s| %% %hhd %zu %pK null=%s\n',
    -1,
    1,
    255,
    255,
    0xabc,
    -5,
    'c',
    'ab',
    'cd',
    200,
    4,
    sel,
    null,
  )
}

function rawLevels(): void {
  printk('\x01' + '4pk: raw SOH level 4\n')
  printk('\x01' + '7pk: raw SOH 7\n')
  printk('\x01' + '9pk: bad level 9\n')
  printk('\x01' + 'cpk: cont raw\n')
  printk(KERN_ERR + KERN_INFO + 'pk: two levels\n')
  pr_info('pk: a ' + KERN_ERR + 'embedded level\n')
}

function p_init(): number {
  switch (sel.value) {
    case 0:
      levels()
      break
    case 1:
      continuations()
      break
    case 2:
      pr_info('pk: left open at end of init')
      break
    case 3:
      specialText()
      break
    case 4:
      longText()
      break
    case 5:
      limits()
      break
    case 6:
      formats()
      break
    case 7:
      rawLevels()
      break
    case 8:
      pr_emerg('pk: emerg on console\n')
      pr_debug('pk: dyn debug %d\n', sel.value)
      break
  }
  return -ECANCELED
}

module_init(p_init)

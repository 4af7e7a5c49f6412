// Aliases of protocol families; there is no network here. Linux: include/linux/net.h.

/** Load this module when somebody asks for a socket of that family. */
export function MODULE_ALIAS_NETPROTO(family: number): void {
  __this_module.modinfo('alias', `net-pf-${family}`)
}

/** As MODULE_ALIAS_NETPROTO(), for one protocol of the family. */
export function MODULE_ALIAS_NET_PF_PROTO(family: number, protocol: number): void {
  __this_module.modinfo('alias', `net-pf-${family}-proto-${protocol}`)
}

/** An address without the password it may hold; a list of brokers has none. */
export function redactedAddress(address: string): string {
  return address.replace(/^([a-z]+:\/\/[^:@/]*):[^@/]*@/, "$1:***@");
}

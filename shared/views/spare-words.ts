/** What it means that a key has nobody to spare of those who hold it, and what to do. @param key - "it", or which one. */
export function noSpareWords(key: string): string {
  return `Just enough custodians hold ${key}: with one more gone nobody gets access. Deposit a new key.`
}

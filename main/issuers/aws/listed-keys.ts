import type { ListAccessKeysResponse } from '@aws-sdk/client-iam'
import type { ListedKey } from './rotation.ts'

/**
 * The user's keys as an answer lists them; null if it is not all of them, or something of one is missing.
 *
 * AWS always says whether a list goes on. Its reference calls that optional, and other servers leave it out (moto does): then a
 * list with a key in it counts, and an empty one does not, since a key that is not seen could be replaced by a third.
 */
export function keysListed({ AccessKeyMetadata = [], IsTruncated, Marker }: Partial<ListAccessKeysResponse>) {
  const keys: readonly ListedKey[] = AccessKeyMetadata.map(({ AccessKeyId = '', Status, CreateDate }) => ({
    accessKeyId: AccessKeyId,
    isActive: Status === 'Active',
    created: CreateDate?.getTime() ?? Number.NaN,
  }))
  const isWhole = IsTruncated === false || (IsTruncated === undefined && Marker === undefined && keys.length > 0)
  const isOdd = keys.some(({ accessKeyId, created }) => !/^\w{16,128}$/.test(accessKeyId) || Number.isNaN(created))
  return isWhole && !isOdd ? keys : null
}

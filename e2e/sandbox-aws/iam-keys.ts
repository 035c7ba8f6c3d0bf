import { authorize } from './authorize.ts'
import { AwsError, invalid, limitExceeded, noSuchEntity } from './errors.ts'
import type { IamAction } from './iam.ts'
import { addKey, type Key, keysOf, type User, userNamed, type World } from './world.ts'
import type { Xml } from './xml.ts'

/** IAM gives a user two access keys, on or off. */
const MAX_KEYS = 2

/** Access keys of users: list, create, update, delete, last use; and who the user is. */
export const iamKeyAction: IamAction = (world, key, form) => {
  const action = form.get('Action') ?? ''
  switch (action) {
    case 'ListAccessKeys': {
      const user = subject(world, key, form, action)
      return { result: { AccessKeyMetadata: keysOf(world, user).map(metadata), IsTruncated: 'false' } }
    }
    case 'CreateAccessKey': {
      const user = subject(world, key, form, action)
      if (keysOf(world, user).length >= MAX_KEYS) throw limitExceeded('AccessKeysPerUser', MAX_KEYS)
      const made = addKey(world, user)
      const { UserName, AccessKeyId, Status, CreateDate } = metadata(made)
      const SecretAccessKey = made.secretAccessKey
      return {
        result: { AccessKey: { UserName, AccessKeyId, Status, SecretAccessKey, CreateDate } },
        issued: made.accessKeyId,
      }
    }
    case 'UpdateAccessKey': {
      const found = namedKey(world, subject(world, key, form, action), form)
      const status = form.get('Status') ?? ''
      if (status !== 'Active' && status !== 'Inactive')
        throw invalid('status', 'Member must satisfy enum value set: [Active, Inactive]')
      found.active = status === 'Active'
      return { result: '' }
    }
    case 'DeleteAccessKey': {
      const found = namedKey(world, subject(world, key, form, action), form)
      world.keys.delete(found.accessKeyId)
      return { result: '' }
    }
    case 'GetAccessKeyLastUsed':
      return { result: lastUsed(world, key, form) }
    case 'GetUser': {
      const { arn, id, name } = subject(world, key, form, action)
      return { result: { User: { Path: '/', UserName: name, UserId: id, Arn: arn, CreateDate: isoSecond(0) } } }
    }
    case 'ListMFADevices': {
      const user = subject(world, key, form, action)
      const device = { UserName: user.name, SerialNumber: user.mfa?.serial ?? '', EnableDate: isoSecond(0) }
      return { result: { MFADevices: user.mfa === null ? [] : [device], IsTruncated: 'false' } }
    }
    default:
      return null
  }
}

/** Whose keys: the named user's, else the caller's own. */
function subject(world: World, key: Key, form: URLSearchParams, action: string): User {
  const { caller } = key
  const named = form.get('UserName')
  if (named === null && caller.is === 'role-session')
    throw new AwsError('ValidationError', 400, 'Must specify userName when calling with non-User credentials')
  const name = named ?? (caller.is === 'role-session' ? '' : caller.user.name)
  const resource = `arn:${world.partition.name}:iam::${world.account}:user/${name}`
  authorize(world, caller, { action: `iam:${action}`, resource })
  return userNamed(world, name)
}

function namedKey(world: World, user: User, form: URLSearchParams): Key {
  const accessKeyId = form.get('AccessKeyId') ?? ''
  const found = keysOf(world, user).find((one) => one.accessKeyId === accessKeyId)
  if (!found) throw noSuchEntity(`Access Key with id ${accessKeyId}`)
  return found
}

function lastUsed(world: World, { caller }: Key, form: URLSearchParams): Xml {
  const accessKeyId = form.get('AccessKeyId') ?? ''
  const found = world.keys.get(accessKeyId)
  const user = found?.caller.is === 'user' ? found.caller.user : null
  const name = user?.name ?? '*'
  const resource = `arn:${world.partition.name}:iam::${world.account}:user/${name}`
  authorize(world, caller, { action: 'iam:GetAccessKeyLastUsed', resource })
  if (!found || !user) throw noSuchEntity(`Access Key with id ${accessKeyId}`)
  const use = found.lastUsed
  const used =
    use === null
      ? { ServiceName: 'N/A', Region: 'N/A' }
      : { LastUsedDate: isoSecond(use.at), ServiceName: use.service, Region: use.region }
  return { UserName: user.name, AccessKeyLastUsed: used }
}

function metadata(key: Key) {
  return {
    UserName: key.caller.is === 'user' ? key.caller.user.name : '',
    AccessKeyId: key.accessKeyId,
    Status: key.active ? 'Active' : 'Inactive',
    CreateDate: isoSecond(key.created),
  }
}

/** A time as IAM writes it. */
export function isoSecond(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')
}

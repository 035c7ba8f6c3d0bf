import { socketAddress } from '../shell/socket-address.ts'

/**
 * Where the app of a profile hands out credentials. The name is as short as that of the socket by which a second start
 * finds the first, so that whoever could start the app can ask it.
 *
 * @throws {ShellError} `path-too-long`.
 */
export function handoutAddress(profile: string, platform: string): string {
  return socketAddress(profile, 'creds', platform)
}

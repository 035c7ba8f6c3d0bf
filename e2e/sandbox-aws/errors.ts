/** An answer of AWS that is not the one asked for, as it goes over the wire. */
export class AwsError extends Error {
  readonly code: string
  readonly status: number

  constructor(code: string, status: number, message: string) {
    super(message)
    this.name = 'AwsError'
    this.code = code
    this.status = status
  }
}

/** 400 ValidationError in AWS's words. */
export function invalid(parameter: string, constraint: string): AwsError {
  return new AwsError(
    'ValidationError',
    400,
    `1 validation error detected: Value at '${parameter}' failed to satisfy constraint: ${constraint}`,
  )
}

/** What AWS can do and the sandbox cannot: said outright, never answered as if it had worked. */
export function notImplemented(what: string): AwsError {
  return new AwsError('SandboxNotImplemented', 400, `the sandbox does not implement ${what}`)
}

/** 403 AccessDenied in AWS's words; AWS does not say whether the role exists. `why` begins with a space or is empty. */
export function accessDenied(caller: string, action: string, resource: string, why = ''): AwsError {
  return new AwsError(
    'AccessDenied',
    403,
    `User: ${caller} is not authorized to perform: ${action} on resource: ${resource}${why}`,
  )
}

/** 404 NoSuchEntity in IAM's words. */
export function noSuchEntity(what: string): AwsError {
  return new AwsError('NoSuchEntity', 404, `The ${what} cannot be found.`)
}

/** 409 LimitExceeded in IAM's words. */
export function limitExceeded(quota: string, limit: number): AwsError {
  return new AwsError('LimitExceeded', 409, `Cannot exceed quota for ${quota}: ${limit}`)
}

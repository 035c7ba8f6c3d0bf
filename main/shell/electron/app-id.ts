/**
 * What Windows knows the app by: it shows notifications only of a program that says the id which the installer gave to
 * its shortcut. The same as `appId` in electron-builder.yml.
 */
export const APP_ID = 'invalid.lockbox'

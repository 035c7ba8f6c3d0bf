import type { MenuItemConstructorOptions } from 'electron'

type Role = NonNullable<MenuItemConstructorOptions['role']>

const items = (...roles: readonly Role[]): MenuItemConstructorOptions[] => roles.map((role) => ({ role }))

/**
 * What a person needs a menu for: on macOS copying and quitting work through it alone, everywhere zooming does.
 * Nothing that reloads, opens developer tools or another window.
 */
export function menuTemplate(platform: string): MenuItemConstructorOptions[] {
  const app = platform === 'darwin' ? items('hide', 'hideOthers', 'unhide', 'quit') : items('quit')
  return [
    { label: 'Lockbox', submenu: app },
    { label: 'Edit', submenu: items('undo', 'redo', 'cut', 'copy', 'paste', 'selectAll') },
    { label: 'View', submenu: items('resetZoom', 'zoomIn', 'zoomOut', 'togglefullscreen') },
    { label: 'Window', submenu: items('minimize', 'close') },
  ]
}

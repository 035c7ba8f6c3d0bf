import react from '@vitejs/plugin-react'
import { defineConfig, type UserConfig } from 'vite'

// The window's bundle. Nothing is inlined into the page: its Content-Security-Policy allows files of our own only.
const config: UserConfig = defineConfig({
  plugins: [react()],
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2023' },
})

export { config as default }

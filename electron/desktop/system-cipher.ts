// Encrypts by the operating system: its key store (Keychain, DPAPI, libsecret, KWallet) holds the key. After `ready` only.
import { safeStorage } from 'electron'
import type { Cipher } from './kept-secrets.ts'

export const systemCipher: Cipher = {
  unavailable() {
    if (!safeStorage.isEncryptionAvailable()) return 'the system has no key store that is open'
    // Without a key store Chromium on Linux uses a key that everybody knows: that keeps nothing secret.
    if (process.platform !== 'linux') return null
    const backend = safeStorage.getSelectedStorageBackend()
    return backend === 'basic_text' || backend === 'unknown'
      ? 'the system has no key store (GNOME Keyring or KWallet) that is open'
      : null
  },
  encrypt: (text) => safeStorage.encryptString(text),
  decrypt: (bytes) => safeStorage.decryptString(bytes),
}

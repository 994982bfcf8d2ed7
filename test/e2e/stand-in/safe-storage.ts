// `safeStorage`: as on a Linux desktop with a keyring. Not safe at all, and it does not have to be; a spec can shut it.
import { strict } from './strict.ts'

// As a spec may want it otherwise: SLUICE_STAND_IN_KEYRING=shut.
const mark = 'sealed:'

export const safeStorage = strict('safeStorage', {
  isEncryptionAvailable: () => true,
  getSelectedStorageBackend: () =>
    process.env['SLUICE_STAND_IN_KEYRING'] === 'shut' ? 'basic_text' : 'gnome_libsecret',
  encryptString: (text: string): Buffer =>
    Buffer.from(mark + Buffer.from(text).toString('base64').split('').reverse().join('')),
  decryptString(bytes: Buffer): string {
    const text = bytes.toString()
    if (!text.startsWith(mark)) throw new Error('Error while decrypting the ciphertext')
    return Buffer.from(text.slice(mark.length).split('').reverse().join(''), 'base64').toString()
  },
})

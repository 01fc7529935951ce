// A Firefox of its own, driven without a download: Debian's firefox-esr and WebDriver BiDi.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FIREFOX = [process.env.RENDERCAST_FIREFOX, '/usr/bin/firefox-esr', '/usr/bin/firefox'].find((path) => path && existsSync(path));

/** Pages of this machine only: no updates, no remote settings, no plug-in downloads. */
const PREFERENCES = {
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.autoplay.default': 0,
  // Scripts and the automation read and write the clipboard without a menu that asks.
  'dom.events.testing.asyncClipboard': true,
  'media.gmp-manager.url': '',
  'media.gmp-manager.updateEnabled': false,
  'app.update.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'toolkit.telemetry.server': '',
};

/** Null, said loudly, where there is no Firefox or nothing to drive it with. `close()` leaves nothing behind. */
export async function firefox(test, size = { width: 1280, height: 800 }) {
  const puppeteer = await import('puppeteer-core').then((module) => module.default, () => null);
  if (!FIREFOX || !puppeteer) {
    const missing = FIREFOX ? 'npm package puppeteer-core' : 'Firefox (Debian package firefox-esr)';
    test.diagnostic(`SKIPPED: no ${missing} here: nothing was played in Firefox`);
    test.skip(`no ${missing}`);
    return null;
  }
  const profile = mkdtempSync(join(tmpdir(), 'rendercast-firefox-'));
  const instance = await puppeteer.launch({
    browser: 'firefox',
    executablePath: FIREFOX,
    headless: true,
    userDataDir: profile,
    extraPrefsFirefox: PREFERENCES,
    defaultViewport: size,
  });
  return {
    page: () => instance.newPage(),
    async close() {
      await instance.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

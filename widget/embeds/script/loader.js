/**
 * The one script that a shop includes:
 *
 *   <script src="https://chat.example/aisle.js" data-shop="demo" defer></script>
 *
 * It paints the launcher and nothing else. The chat itself is fetched once the shopper shows
 * intent; until then there is no request, no cookie and no storage. Everything lives in the
 * shadow root of one element, `<aisle-chat>`, and one global, `window.aisle`.
 *
 * Attributes of the script tag:
 *   data-shop            the shop's name on the chat server (required)
 *   data-position        "right" (default) or "left"
 *   data-offset-bottom   distance from the bottom edge, px (default 20)
 *   data-offset-side     distance from the side edge, px (default 20)
 *   data-accent          brand colour, #rgb or #rrggbb
 *   data-theme           "light" (default), "dark" or "auto"
 *   data-locale          language of the interface (default: that of the page)
 *   data-nonce           CSP nonce, where the page's policy wants one
 *   data-cart            "shopify" (default) or "none"
 *   data-shop-root       path that the shop's pages start with (default: Shopify's own, or "/")
 *   data-product         SKU of the product whose page it is, where its path does not end in
 *                        /products/{handle}
 *   data-contact-url     where to write to when the chat cannot run (default "/pages/contact")
 *   data-consent         "implied" (default), or "required": without consent nothing is stored in the
 *                        browser and nothing but the shopper's words is sent
 *   data-checkout        "show" to paint the launcher on checkout pages, too
 *
 * Calls made before the script has loaded are kept:
 *   (window.aisle = window.aisle || []).push(["open"]);
 */

/**
 * Put in by the build: paths of the built files on the script's own origin.
 * @type {{widget: string, widgetWasm: string, engine: string, engineWasm: string,
 *   engineWorker: string, integrity: Record<string, string>}}
 */
const ASSETS = __AISLE_ASSETS__;

const WORDS = {
  open: 'Open chat',
  close: 'Close chat',
  unread: 'Open chat, new message',
  failed: 'The chat cannot be shown in this browser.',
  crashed: 'The chat stopped working.',
  contact: 'Contact us',
  restart: 'Restart chat',
};

const BUBBLE =
  'M12 3c5 0 9 3.5 9 8s-4 8-9 8c-1 0-2 0-3-.4L4.6 21c-.5.2-1-.2-.9-.8l.8-3.7C3.5 15 3 13 3 11c0-4.5 4-8 9-8z';
const CHEVRON = 'M5.5 8.5 12 15l6.5-6.5';

/** Every default of the look has its home here; the panel's stylesheet only reads them. */
const STYLE = `
:host{all:initial!important;position:fixed!important;display:block!important;
inset:auto 0 0 auto!important;width:0!important;height:0!important;z-index:2147483000!important;
--aisle-accent:#1f5f4a;--aisle-on-accent:#fff;--aisle-offset-bottom:20px;--aisle-offset-side:20px;
--aisle-launcher-size:56px;
--aisle-font:ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;
--_bottom:calc(var(--aisle-offset-bottom) + env(safe-area-inset-bottom,0px))}
.apology{position:fixed;bottom:var(--_bottom);box-sizing:border-box;
right:calc(var(--aisle-offset-side) + env(safe-area-inset-right,0px));
font:15px/1.5 var(--aisle-font)}
:host([data-position=left]) :is(.launcher,.apology){right:auto;
left:calc(var(--aisle-offset-side) + env(safe-area-inset-left,0px))}
.launcher,.apology :is(a,button){all:unset;box-sizing:border-box;cursor:pointer;
touch-action:manipulation;-webkit-tap-highlight-color:transparent;
background:var(--aisle-accent);color:var(--aisle-on-accent)}
:is(.launcher,.apology *):focus-visible{outline:3px solid var(--aisle-accent);outline-offset:3px}
.launcher{position:fixed;bottom:var(--_bottom);
right:calc(var(--aisle-offset-side) + env(safe-area-inset-right,0px));width:var(--aisle-launcher-size);height:var(--aisle-launcher-size);border-radius:50%;
display:grid;place-items:center;border:1px solid transparent;
box-shadow:0 2px 4px #1f1d1a2e,0 6px 20px #1f1d1a38;transition:.18s}
.launcher:hover{transform:scale(1.05)}
.launcher svg{grid-area:1/1;width:26px;height:26px;transition:.2s;fill:currentColor}
.launcher .x{fill:none;stroke:currentColor;stroke-width:2.4;stroke-linecap:round;stroke-linejoin:round}
.launcher:not([aria-expanded=true]) .x,.launcher[aria-expanded=true] .b{opacity:0;
transform:scale(.5) rotate(-30deg)}
.launcher[aria-busy=true]::after{content:"";position:absolute;inset:-5px;border-radius:50%;
border:3px solid var(--aisle-accent);border-right-color:transparent;
animation:spin .8s linear infinite}
.launcher[data-unread]::before{content:"";position:absolute;top:0;right:0;width:14px;height:14px;
border-radius:50%;background:#d8442f;border:2px solid #fff}
.launcher[data-aside]{opacity:.15;transform:translateY(60%)}
.apology{width:min(320px,100vw - 32px);margin-bottom:calc(var(--aisle-launcher-size) + 12px);
padding:20px;border-radius:16px;background:#fffdfa;color:#23201c;
box-shadow:0 0 0 1px #2a251d0f,0 12px 40px #1f1d1a33}
.apology p{margin:0 0 14px}
.apology :is(a,button){display:inline-block;padding:10px 18px;margin-right:8px;border-radius:22px;
font-weight:600}
@keyframes spin{to{transform:rotate(1turn)}}
@media(prefers-reduced-motion){.launcher,.launcher svg{transition:none}
.launcher[aria-busy=true]::after{animation-duration:3s}}
@media(forced-colors:active){.launcher{border-color:ButtonText}}
@media print{:host{display:none!important}}
`;

const CHECKOUT = /^(\/[a-z]{2}(-[a-z]{2,4})?)?\/checkouts?(\/|$)/i;

/**
 * @param {HTMLScriptElement} script
 * @param {unknown[]} early calls made before the script had loaded
 */
function boot(script, early) {
  const options = script.dataset;
  const origin = new URL(script.src, document.baseURI).origin;
  const nonce = script.nonce || options.nonce || '';
  const at = (/** @type {string} */ path) => new URL(path, origin).href;
  const contactUrl = /^(https?:\/)?\/(?!\/)/i.test(options.contactUrl || '')
    ? options.contactUrl
    : '/pages/contact';

  /** Everything that this script adds to the page ends with this signal. */
  const life = new AbortController();
  const until = { signal: life.signal };

  /** What a listener of the shop throws is reported by the browser and stays out of the chat. */
  const events = new EventTarget();
  /** @type {{open(): void, close(): void, unmount(): void} | undefined} */
  let widget;
  /** @type {unknown[]} */
  let purchases = [];
  let customer = '';
  /** What the page says of the shopper's consent. @type {boolean | undefined} */
  let agreed;
  /** @type {Promise<void> | undefined} */
  let booting;
  /** @type {Promise<Response> | undefined} */
  let wasm;
  let attempt = 0;
  let isOpen = false;
  let isWanted = false;

  const host = document.createElement('aisle-chat');
  host.dataset.position = options.position === 'left' ? 'left' : 'right';
  const darkness = matchMedia('(prefers-color-scheme: dark)');
  const theme = () => {
    const isDark = options.theme === 'auto' ? darkness.matches : options.theme === 'dark';
    host.dataset.theme = isDark ? 'dark' : 'light';
  };
  theme();
  const shadow = host.attachShadow({ mode: 'open' });

  /** @type {HTMLElement | undefined} */
  let apology;
  let mountPoint = element('div');
  const launcher = element('button');
  launcher.type = 'button';
  launcher.className = 'launcher';
  launcher.setAttribute('aria-haspopup', 'dialog');
  launcher.append(icon('b', BUBBLE), icon('x', CHEVRON));
  shadow.append(mountPoint, launcher);
  style();
  show(false);

  /**
   * @template {keyof HTMLElementTagNameMap} T
   * @param {T} tag
   * @param {string} [text]
   */
  function element(tag, text = '') {
    const made = document.createElement(tag);
    made.textContent = text;
    return made;
  }

  /** @param {string} name @param {string} path */
  function icon(name, path) {
    const draw = (/** @type {string} */ tag, /** @type {Record<string, string>} */ attributes) => {
      const shape = document.createElementNS('http://www.w3.org/2000/svg', tag);
      for (const key in attributes) shape.setAttribute(key, attributes[key]);
      return shape;
    };
    const svg = draw('svg', { viewBox: '0 0 24 24', class: name, 'aria-hidden': 'true' });
    svg.append(draw('path', { d: path }));
    return svg;
  }

  function style() {
    const own = [];
    const px = (/** @type {string} */ name, /** @type {string | undefined} */ value) => {
      if (/^\d{1,3}$/.test(value || '')) own.push(`--aisle-${name}:${value}px`);
    };
    px('offset-bottom', options.offsetBottom);
    px('offset-side', options.offsetSide);
    const accent = /^#([\da-f]{3}|[\da-f]{6})$/i.exec(options.accent || '');
    if (accent) {
      own.push(`--aisle-accent:${accent[0]}`, `--aisle-on-accent:${textOn(accent[1])}`);
    }
    const css = `${STYLE}:host{${own.join(';')}}`;
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      shadow.adoptedStyleSheets = [sheet];
    } catch {
      const fallback = element('style', css);
      fallback.nonce = nonce;
      shadow.prepend(fallback);
    }
  }

  /** @param {boolean} open */
  function show(open) {
    isOpen = open;
    launcher.setAttribute('aria-expanded', String(open));
    if (open) delete launcher.dataset.unread;
    launcher.setAttribute(
      'aria-label',
      open ? WORDS.close : launcher.dataset.unread === undefined ? WORDS.open : WORDS.unread,
    );
  }

  /** Starts the downloads of the chat, once. */
  function preload() {
    if (wasm || life.signal.aborted) return;
    const link = element('link');
    link.rel = 'modulepreload';
    link.href = at(ASSETS.widget);
    link.crossOrigin = 'anonymous';
    link.integrity = ASSETS.integrity.widget;
    link.nonce = nonce;
    shadow.append(link);
    wasm = fetch(at(ASSETS.widgetWasm), {
      credentials: 'omit',
      integrity: ASSETS.integrity.widgetWasm,
    });
    // Its failure is reported by whoever awaits it.
    wasm.catch(() => {});
  }

  function hint() {
    // @ts-ignore: not in every browser
    if (!navigator.connection?.saveData) preload();
  }

  async function start() {
    preload();
    // The module map is keyed by the whole URL, so that a restart gets a new instance; the
    // fragment is not sent, so that it is not downloaded again.
    const glue = await import(at(ASSETS.widget) + (attempt ? `#${attempt}` : ''));
    await glue.default({ module_or_path: wasm });
    if (life.signal.aborted) return;
    widget = glue.mount(mountPoint, {
      origin,
      shop: options.shop,
      locale: options.locale || document.documentElement.lang || 'en',
      assets: {
        engine: at(ASSETS.engine),
        engineWasm: at(ASSETS.engineWasm),
        engineWorker: at(ASSETS.engineWorker),
        integrity: ASSETS.integrity.engineWasm,
      },
      cart: options.cart === 'none' ? 'none' : 'shopify',
      // @ts-ignore: there on Shopify only
      shopRoot: options.shopRoot || window.Shopify?.routes?.root || '/',
      contactUrl,
      // @ts-ignore: not in every browser
      saveData: !!navigator.connection?.saveData,
      history: purchases,
      get product() {
        return options.product;
      },
      get customer() {
        return customer;
      },
      get consent() {
        return consents();
      },
      // @ts-ignore: not in every browser
      isPrivate: navigator.globalPrivacyControl,
      onEvent: heard,
    });
  }

  /** Whether something may be stored: as the page says, as Shopify does, or as the shop wants it. */
  function consents() {
    // @ts-ignore: there on Shopify only
    const told = window.Shopify?.customerPrivacy?.currentVisitorConsent().preferences;
    return agreed ?? (told ? told === 'yes' : options.consent !== 'required');
  }

  /** Forgets what is stored when consent is taken back. */
  function heed() {
    if (consents()) return;
    try {
      for (const name of ['conversation', 'session']) {
        localStorage.removeItem(`aisle:${options.shop}:${name}`);
      }
    } catch {
      // A browser that refuses storage has stored nothing.
    }
  }

  /** Sends what the chat tells to those who listen. */
  function heard(/** @type {string} */ name, /** @type {any} */ detail) {
    if (name === 'focus-launcher') return launcher.focus({ preventScroll: true });
    if (name === 'open' || name === 'close') show(name === 'open');
    if (name === 'message' && detail?.role === 'assistant' && !isOpen) {
      launcher.dataset.unread = '';
      show(false);
    }
    events.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** Shows in the panel's place what is left when the chat cannot run. */
  function apologise(/** @type {string} */ words, /** @type {boolean} */ canRestart) {
    clear();
    const box = element('div');
    apology = box;
    box.className = 'apology';
    box.setAttribute('role', 'dialog');
    box.setAttribute('aria-label', words);
    box.append(element('p', words));
    if (canRestart) {
      const restart = element('button', WORDS.restart);
      restart.type = 'button';
      restart.addEventListener('click', () => {
        clear();
        api.open();
      });
      box.append(restart);
    }
    const contact = element('a', WORDS.contact);
    contact.href = contactUrl;
    box.append(contact);
    box.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') api.close();
    });
    shadow.append(box);
    show(true);
    /** @type {HTMLElement | null} */ (box.querySelector('button,a'))?.focus();
  }

  /** Takes the chat down and makes ready for a new start. */
  function clear() {
    apology?.remove();
    apology = undefined;
    widget = undefined;
    booting = undefined;
    wasm = undefined;
    attempt += 1;
    const fresh = element('div');
    mountPoint.replaceWith(fresh);
    mountPoint = fresh;
    shadow.querySelectorAll('link').forEach((link) => link.remove());
    show(false);
  }

  /** A trap in our Wasm is ours to clean up after. */
  function crashed(/** @type {any} */ error, /** @type {Event} */ event) {
    const isOurs =
      widget &&
      error instanceof WebAssembly.RuntimeError &&
      String(error.stack).includes(at(ASSETS.widget));
    if (!isOurs) return;
    event.preventDefault();
    const wasOpen = isOpen;
    clear();
    if (wasOpen) apologise(WORDS.crashed, true);
  }

  /** Moves the launcher out of the way of what has the keyboard focus on the page. */
  function giveWay() {
    const focused = document.activeElement;
    const a = launcher.getBoundingClientRect();
    const b = focused?.getBoundingClientRect();
    const covers =
      b && focused !== host && focused !== document.body &&
      a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom &&
      b.height < innerHeight / 2;
    launcher.toggleAttribute('data-aside', !!covers && !isOpen);
  }

  function isForbidden() {
    return options.checkout !== 'show' && CHECKOUT.test(location.pathname);
  }

  /** Keeps the element in the page, whatever a single-page application replaces. */
  function attend() {
    if (life.signal.aborted) return;
    if (isForbidden()) {
      if (isOpen) api.close();
      host.remove();
    } else if (!host.isConnected) {
      document.documentElement.append(host);
    }
  }

  const api = {
    /** Opens the panel; fetches the chat when it is not there yet. */
    open() {
      if (life.signal.aborted || isForbidden()) return;
      isWanted = true;
      if (apology) return;
      if (widget) return void guard(() => widget?.open());
      if (booting) return;
      launcher.setAttribute('aria-busy', 'true');
      booting = start().then(
        () => {
          launcher.removeAttribute('aria-busy');
          if (isWanted) guard(() => widget?.open());
        },
        (error) => {
          launcher.removeAttribute('aria-busy');
          if (life.signal.aborted) return;
          console.warn('aisle: the chat could not be loaded', error);
          if (isWanted) apologise(WORDS.failed, false);
          else clear();
        },
      );
    },
    /** Closes the panel. */
    close() {
      isWanted = false;
      if (apology) {
        clear();
        launcher.focus({ preventScroll: true });
      }
      guard(() => widget?.close());
    },
    /** Opens the panel, or closes it. */
    toggle() {
      if (isOpen) api.close();
      else api.open();
    },
    /**
     * Listens to `open`, `close`, `message` ({role}) and `cart-add` ({sku, handle, quantity}).
     * @param {string} name
     * @param {(detail: any) => void} listener
     * @returns {() => void} ends the listening
     */
    on(name, listener) {
      const heard = (/** @type {any} */ event) => listener(event.detail);
      events.addEventListener(name, heard, until);
      return () => events.removeEventListener(name, heard);
    },
    /**
     * Tells what a signed-in shopper bought, before the chat is first opened. It is used on this
     * page for recommendations, and neither stored nor sent.
     * @param {{sku: string, at_ms: number, quantity: number}[]} bought
     */
    history(bought) {
      purchases = bought;
    },
    /**
     * Tells who is signed in, by the token that the shop's server made. It goes with every request
     * from now on; a new one takes its place, and an empty one ends it.
     * @param {string} token
     */
    identify(token) {
      customer = `${token || ''}`;
    },
    /**
     * Tells whether the shopper consents to storage in the browser and to the use of what the page
     * knows. It goes before what Shopify tells.
     * @param {boolean} given
     */
    consent(given) {
      agreed = !!given;
      heed();
    },
    /** Makes a call given as a list: `push(["open"])`. */
    push(/** @type {unknown[]} */ call) {
      const [name, ...rest] = Array.isArray(call) ? call : [];
      if (name !== 'push' && Object.hasOwn(api, name)) api[name](...rest);
    },
    /** Takes everything off the page. */
    destroy() {
      life.abort();
      guard(() => widget?.unmount());
      clear();
      host.remove();
      // @ts-ignore
      if (window.aisle === api) delete window.aisle;
    },
  };

  /** Runs a call into the Wasm; what it throws is a crash of ours. */
  function guard(/** @type {() => void} */ call) {
    try {
      call();
    } catch (error) {
      clear();
      if (!life.signal.aborted) apologise(WORDS.crashed, true);
    }
  }

  launcher.addEventListener('pointerenter', hint);
  launcher.addEventListener('focus', hint);
  launcher.addEventListener('click', () => api.toggle());
  addEventListener('error', (event) => crashed(event.error, event), until);
  addEventListener('unhandledrejection', (event) => crashed(event.reason, event), until);
  addEventListener('focusin', giveWay, until);
  addEventListener('popstate', attend, until);
  document.addEventListener('visitorConsentCollected', heed, until);
  darkness.addEventListener('change', theme, until);
  // @ts-ignore: not in every browser
  window.navigation?.addEventListener('navigatesuccess', attend, until);
  const observer = new MutationObserver(attend);
  observer.observe(document.documentElement, { childList: true });
  life.signal.addEventListener('abort', () => observer.disconnect());

  // @ts-ignore
  window.aisle = api;
  attend();
  early.forEach(api.push);
}

/** Black or white, whichever is easier to read on the colour. */
function textOn(/** @type {string} */ hex) {
  const digits = hex.length / 3;
  const [red, green, blue] = [0, 1, 2].map((at) => {
    const part = hex.slice(at * digits, (at + 1) * digits);
    return (parseInt(part, 16) / (16 ** digits - 1)) ** 2.2;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.36 ? '#17150f' : '#fff';
}

const script = /** @type {HTMLScriptElement | null} */ (
  document.currentScript || document.querySelector('script[data-shop][src*="aisle"]')
);
// @ts-ignore
const before = window.aisle;
if (!script?.dataset.shop) {
  console.warn('aisle: data-shop is missing');
} else if (!before?.destroy) {
  boot(script, Array.isArray(before) ? before : []);
}

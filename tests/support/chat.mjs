/** The chat on a page, as a shopper sees it. Playwright looks through the open shadow root. */

import assert from 'node:assert/strict';

import { eventually } from './poll.mjs';

export class Chat {
  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
    const part = (/** @type {string} */ css) => page.locator(`aisle-chat ${css}`);
    this.host = page.locator('aisle-chat');
    this.launcher = part('.launcher');
    this.panel = part('dialog.panel');
    this.disclosure = part('.header__disclosure');
    this.close = part('.header').getByRole('button', { name: 'Close chat' });
    this.delete = part('.header').getByRole('button', { name: 'Delete conversation' });
    this.deletion = part('.deletion');
    this.composer = part('.composer__input');
    this.sendButton = part('button[type=submit]');
    this.stopButton = part('.composer__button--stop');
    this.notice = part('.notice');
    this.transcript = part('.transcript');

    this.suggestions = part('.suggestion');
    this.highlighted = part('.suggestion[aria-selected=true]');
    this.suggestedProducts = part('.suggestion:has(.price)');
    this.suggestedAnswers = part('.suggestion:has(.suggestion__excerpt)');

    this.questions = part('.message--shopper .bubble');
    this.answers = part('.message--assistant');
    this.lastAnswer = this.answers.last();
    this.lastText = this.lastAnswer.locator('.bubble');
    this.sources = this.lastAnswer.locator('.sources .chip');
    this.marks = this.lastText.locator('a.mark');
    this.products = this.lastAnswer.locator('.product');
    this.ending = this.lastAnswer.locator('.ending');
    this.retry = this.ending.getByRole('button', { name: 'Try again' });
  }

  /** Opens the panel with the launcher. */
  async open() {
    await this.launcher.click();
    await this.panel.waitFor();
    await this.composer.waitFor();
  }

  /** Waits until the engine has its models; by words it suggests before. */
  async engineIsReady() {
    await this.page.waitForFunction(() => 'engineIsReady' in window);
  }

  /** Types as a person does, key by key. @param {string} text */
  async type(text) {
    await this.composer.focus();
    await this.page.keyboard.type(text);
  }

  /** Sends a message with the Enter key. @param {string} text */
  async send(text) {
    await this.composer.fill(text);
    await this.composer.press('Enter');
    await this.questions.filter({ hasText: text }).last().waitFor();
  }

  /** The text of the last answer, as it stands. */
  async text() {
    const words = await this.lastText.evaluate((bubble) => {
      const copy = /** @type {HTMLElement} */ (bubble.cloneNode(true));
      copy.querySelector('.hidden')?.remove();
      return copy.textContent ?? '';
    });
    return words.trim();
  }

  /** Waits until the last answer has come to its end. */
  async answered() {
    await this.lastText.waitFor();
    await eventually('the answer is whole', async () => {
      const busy = await this.stopButton.or(this.page.locator('aisle-chat .typing')).count();
      return busy === 0 && (await this.text());
    });
    return this.text();
  }

  /** Waits until the text of the last answer begins with `start`. @param {string} start */
  async reads(start) {
    await eventually(`the answer begins with ${JSON.stringify(start)}`, async () =>
      (await this.lastText.count()) > 0 && (await this.text()).startsWith(start),
    );
  }

  /** From now on, keeps what each painted frame shows of the last answer; see `painted`. */
  async watchPaints() {
    await this.page.evaluate(() => {
      const shadow = document.querySelector('aisle-chat')?.shadowRoot;
      /** @type {string[]} */
      const seen = [];
      Object.assign(window, { paintedTexts: seen });
      const look = () => {
        const bubbles = shadow?.querySelectorAll('.message--assistant .bubble:not(.typing)');
        const text = bubbles?.[bubbles.length - 1]?.textContent ?? '';
        if (text !== seen.at(-1)) seen.push(text);
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
  }

  /** The different texts that frames have shown since `watchPaints`. @returns {Promise<string[]>} */
  painted() {
    return this.page.evaluate(() => /** @type {any} */ (window).paintedTexts);
  }

  /** Whether the keyboard focus is on an element of the chat. @param {string} css */
  hasFocus(css) {
    return this.page.evaluate(
      (css) => document.querySelector('aisle-chat')?.shadowRoot?.activeElement?.matches(css) ?? false,
      css,
    );
  }

  /** @param {string} css */
  async focusReaches(css) {
    await eventually(`the focus is on ${css}`, () => this.hasFocus(css));
  }
}

/**
 * Requires that texts only ever grew, each beginning with the one before.
 * @param {string[]} texts
 */
export function assertGrowing(texts) {
  texts.reduce((before, text) => {
    assert.ok(text.startsWith(before), `${JSON.stringify(text)} does not go on from ${JSON.stringify(before)}`);
    return text;
  }, '');
}

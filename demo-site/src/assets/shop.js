// Makes the shop smoother; every form works without it.
(() => {
  'use strict';

  const announcer = document.querySelector('[data-announcer]');
  const say = (words) => {
    if (announcer) announcer.textContent = words;
  };

  const showCount = (count) => {
    for (const badge of document.querySelectorAll('[data-cart-count]')) {
      badge.textContent = String(count);
      badge.hidden = count === 0;
    }
  };

  // Shows the cart as the server has it now: the number at the top, and the cart's page if it is open.
  const refresh = async () => {
    const reply = await fetch('/cart.js', { headers: { accept: 'application/json' } });
    if (reply.ok) showCount((await reply.json()).item_count);
    const shown = document.querySelector('[data-cart]');
    if (!shown) return;
    const page = await fetch('/cart');
    if (!page.ok) return;
    const fresh = new DOMParser().parseFromString(await page.text(), 'text/html').querySelector('[data-cart]');
    if (fresh) shown.replaceWith(document.adoptNode(fresh));
  };
  const refreshQuietly = () => {
    refresh().catch(() => {});
  };
  document.addEventListener('cart:refresh', refreshQuietly);
  document.addEventListener('shopify:cart:lines-update', refreshQuietly);
  // A page that comes back from the browser's memory shows an old cart.
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) refreshQuietly();
  });

  const add = async (form) => {
    const button = form.querySelector('button');
    button.setAttribute('aria-busy', 'true');
    try {
      const reply = await fetch('/cart/add.js', {
        method: 'POST',
        headers: { accept: 'application/json' },
        body: new URLSearchParams(new FormData(form)),
      });
      const body = await reply.json();
      if (!reply.ok) {
        showProblem(form, body.description);
        return;
      }
      showProblem(form, '');
      const words = button.textContent;
      if (!button.dataset.done) {
        button.dataset.done = 'true';
        button.textContent = 'Added ✓';
        setTimeout(() => {
          button.textContent = words;
          delete button.dataset.done;
        }, 1600);
      }
      await refresh();
      say(`${body.product_title} is in your cart.`);
    } catch {
      form.submit();
    } finally {
      button.removeAttribute('aria-busy');
    }
  };

  const showProblem = (form, words) => {
    let problem = form.querySelector('.problem');
    if (!problem && words) {
      problem = document.createElement('p');
      problem.className = 'problem';
      problem.setAttribute('role', 'alert');
      form.append(problem);
    }
    if (problem) problem.textContent = words;
    if (problem && !words) problem.remove();
  };

  document.addEventListener('submit', (event) => {
    const form = event.target.closest('form[data-add]');
    if (!form) return;
    event.preventDefault();
    add(form);
  });
})();

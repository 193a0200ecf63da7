const basket = document.querySelector('#count');
let count = 0;

for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-add]')) {
  button.addEventListener('click', () => {
    count += 1;
    if (basket !== null) basket.textContent = String(count);
  });
}

document.querySelector('#ask')?.addEventListener('click', () => {
  const chat = document.querySelector('fanin-chat') as (HTMLElement & { open?: () => void }) | null;
  chat?.open?.();
});

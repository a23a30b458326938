// Passkeys. Fetched only when a button of them is pressed: asks us for a question, the device for its answer, sends it.
export default async (form) => {
  const failed = form.querySelector('[data-failed]');
  failed.hidden = true;
  try {
    const asked = await fetch(form.dataset.ask, { method: 'POST', body: new URLSearchParams(), redirect: 'manual' });
    if (asked.type === 'opaqueredirect') { location.reload(); return; } // a proof too old by now: the page says so
    if (!asked.ok) throw new Error(asked.status);
    const options = await asked.json();
    const made = 'makes' in form.dataset
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    form.elements.answer.value = JSON.stringify(made.toJSON());
    form.submit();
  } catch {
    failed.hidden = false;
  }
};

(() => {
  const { version, reload } = document.body.dataset;
  const changes = new EventSource(reload);
  changes.onmessage = (event) => {
    if (event.data !== version) {
      changes.close();
      location.reload();
    }
  };
  addEventListener("pagehide", () => changes.close());
})();

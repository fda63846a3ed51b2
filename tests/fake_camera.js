// Reads off a video what tests/fake_camera.py painted on it; BITS and CELL are its constants.
(() => {
  const BITS = 12, CELL = 24;
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const middle = (data, at) => (data[at] + data[at + 1] + data[at + 2]) / 3;

  function read(video) {
    const width = video.videoWidth, height = video.videoHeight, square = width / CELL;
    const tall = Math.max(1, Math.floor(square));
    canvas.width = width; canvas.height = tall;
    context.drawImage(video, 0, 0, width, tall, 0, 0, width, tall);
    const data = context.getImageData(0, 0, width, tall).data;
    const level = (x) => middle(data, (Math.floor(tall / 2) * width + Math.floor(x)) * 4);
    const cells = [];
    for (let i = 0; i < BITS + 2; i += 1) cells.push(level((i + 0.5) * square));
    let n = -1;
    if (cells[0] > 160 && cells.every((v) => v < 96 || v > 160)) {
      const bits = cells.slice(1, BITS + 1).map((v) => (v > 160 ? 1 : 0));
      const parity = bits.reduce((sum, bit) => sum + bit, 0) % 2;
      if (parity === (cells[BITS + 1] > 160 ? 1 : 0)) n = bits.reduce((sum, bit, i) => sum + bit * 2 ** i, 0);
    }
    let low = 255, high = 0, sum = 0, squares = 0, count = 0;
    for (let x = Math.floor(width - square * 3.5); x < width - square * 0.5; x += 1) {
      const v = level(x);
      sum += v; squares += v * v; count += 1;
      low = Math.min(low, v); high = Math.max(high, v);
    }
    const spread = Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
    return { n, width, height, contrast: Math.min(1, spread / 121) };
  }

  window.watchCamera = (video) => {
    const watched = { frames: [] };
    const next = (now) => {
      const at = performance.timeOrigin + now;
      if (video.videoWidth) watched.frames.push({ at, ...read(video) });
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
    return watched;
  };
  window.readCamera = read;
})()

// Two pages that measure one call; what they measure is read by bench/media.py. No part of the product.
// "ours" uses the product's modules and its server; "plain" is the browser alone, with the same camera and relay.

window.lab = {
  now: () => performance.timeOrigin + performance.now(),
  marks: [],
  links: [],

  show(stream) {
    const video = document.querySelector("video");
    video.srcObject = stream;
    video.play();
    this.watched ??= window.watchCamera(video);
  },

  /** Median of what a message takes to the other page and back, and of the path's own round trip; ms. */
  async there_and_back(say, count) {
    const taken = [];
    for (let i = 0; i < count; i += 1) {
      const begun = this.now();
      await new Promise((resolve) => {
        const id = `${i}-${Math.random()}`;
        this.heard = (message) => message.id === id && resolve();
        say({ type: "bench.ask", id });
        setTimeout(resolve, 5_000);
      });
      taken.push(this.now() - begun);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return taken;
  },

  async path_ms(connection) {
    for (const one of (await connection.getStats()).values()) {
      if (one.type === "candidate-pair" && one.nominated && one.state === "succeeded") {
        return (one.currentRoundTripTime ?? 0) * 1000;
      }
    }
    return 0;
  },

  // Ours

  async modules(base) {
    const names = ["socket", "media", "call", "quality"];
    const all = await Promise.all(names.map((name) => import(`${base}/${name}.js`)));
    return Object.assign({}, ...all);
  },

  async ours(base, page, camera) {
    this.made = await this.modules(base);
    this.socket = new this.made.AssistSocket(page);
    const up = new Promise((resolve) => this.socket.on("up", resolve));
    this.socket.open();
    await up;
    this.media = new this.made.Media();
    await this.media.open({ camera });
    if (camera) this.show(new MediaStream([this.media.camera]));
    if (page === "expert") this.socket.on("call.ring", ({ call }) => this.accept(call));
  },

  begin(view) {
    const call = (this.call = new this.made.LiveCall({ socket: this.socket, media: this.media, view }));
    call.on("link", ({ state, path }) => this.links.push({ at: this.now(), state, path }));
    call.on("message", ({ message }) => {
      if (message.type === "bench.ask") call.say({ type: "bench.answer", id: message.id });
      else this.heard?.(message);
    });
    return call;
  },

  async invite(to) {
    const answer = await this.socket.request("call.invite", { to });
    const call = this.begin(answer.call);
    call.on("peer", (peer) => (this.watch = new this.made.QualityWatch(call, { party: peer.other, sends: true })));
    this.watch?.on?.("step", (step) => this.marks.push({ at: this.now(), step }));
  },

  async accept(id) {
    this.accepted = this.now();
    const answer = await this.socket.request("call.accept", { call: id });
    this.begin(answer.call).on("stream", ({ stream }) => this.show(stream));
  },

  get connection() {
    return this.call ? [...this.call.peers.values()][0]?.connection : this.plainly;
  },

  // The browser alone

  async plain(configuration, camera) {
    const connection = (this.plainly = new RTCPeerConnection(configuration));
    this.candidates = [];
    connection.onicecandidate = ({ candidate }) => this.candidates.push(candidate?.toJSON() ?? null);
    connection.onconnectionstatechange = () => this.links.push({ at: this.now(), state: connection.connectionState });
    connection.ontrack = ({ track, streams }) => track.kind === "video" && this.show(streams[0]);
    const channel = connection.createDataChannel("bench", { negotiated: true, id: 0 });
    this.say = (message) => channel.send(JSON.stringify(message));
    channel.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "bench.ask") this.say({ type: "bench.answer", id: message.id });
      else this.heard?.(message);
    };
    if (!camera) return;
    const wanted = { width: { ideal: 1920 }, height: { ideal: 1080 }, frameRate: { ideal: 30 } };
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: wanted });
    for (const track of stream.getTracks()) connection.addTrack(track, stream);
    this.show(new MediaStream(stream.getVideoTracks()));
  },

  async describe(description) {
    if (description) await this.plainly.setRemoteDescription(description);
    else this.accepted = this.now();
    if (!description || description.type === "offer") await this.plainly.setLocalDescription();
    return this.plainly.localDescription.toJSON();
  },

  async candidate(candidate) {
    await this.plainly.addIceCandidate(candidate ?? undefined);
  },
};

"use strict";
/* Several clips in step, by driving frame: what came from one driving frame is shown together. */

/**
 * clips: [{video, map}]; map says which driving frame each frame of the clip came from, or is the
 * number of its frames where each came from its own. rate is in frames a second.
 */
class Player {
  constructor(clips, count, rate, tell) {
    this.clips = clips;
    this.count = count;
    this.rate = rate;
    this.tell = tell;
    this.frame = 0;
    this.playing = false;
    this.loop = true;
    this.speed = 1;
    this.request = 0;
    this.leader = null;
    this.toggle = el("button", { type: "button", onclick: () => this.set(!this.playing) }, "Play");
    this.slider = el("input", { type: "range", min: 0, max: count - 1, step: 1, value: 0,
      "aria-label": "Driving frame", oninput: () => this.seek(Number(this.slider.value)) });
    this.reading = el("output", null, "");
    const step = (text, by) => el("button", { type: "button", onclick: () => this.seek(this.frame + by) }, text);
    const speeds = [[0.25, "¼×"], [0.5, "½×"], [1, "1×"]];
    this.node = el("div", { class: "player" }, this.toggle, step("Previous", -1), step("Next", 1),
      this.slider, this.reading,
      choice("Speed", speeds, 1, (value) => this.pace(Number(value))),
      tick("loop", true, (value) => { this.loop = value; }));
    for (const clip of clips) clip.video.addEventListener("loadedmetadata", () => this.align(clip));
    this.seek(0);
  }

  /** Return the frame of a clip that is shown at a driving frame. */
  static at(map, frame) {
    if (typeof map === "number") return Math.max(0, Math.min(frame, map - 1));
    let found = 0;
    for (let i = 0; i < map.length && map[i] <= frame; i += 1) found = i;
    return found;
  }

  time(clip, frame) {
    return (Player.at(clip.map, frame) + 0.5) / this.rate;
  }

  align(clip) {
    const wanted = this.time(clip, this.frame);
    if (Math.abs(clip.video.currentTime - wanted) > 0.25 / this.rate) clip.video.currentTime = wanted;
  }

  /** Stop at a driving frame; every clip shows exactly what came from it. */
  seek(frame) {
    if (this.playing) this.set(false);
    this.move(Math.min(this.count - 1, Math.max(0, frame)));
    for (const clip of this.clips) this.align(clip);
  }

  move(frame) {
    this.frame = frame;
    this.slider.value = String(frame);
    this.reading.textContent = `${frame} of ${this.count - 1}, ${(frame / this.rate).toFixed(2)} s`;
    this.tell(frame);
  }

  pace(speed) {
    this.speed = speed;
    this.began = { time: performance.now(), frame: this.frame };
    for (const clip of this.clips) clip.video.playbackRate = speed;
  }

  set(playing) {
    this.playing = playing;
    this.toggle.textContent = playing ? "Pause" : "Play";
    cancelAnimationFrame(this.request);
    if (!playing) {
      for (const clip of this.clips) {
        clip.video.pause();
        this.align(clip);
      }
      return;
    }
    if (this.frame >= this.count - 1) this.move(0);
    this.leader = this.clips.find((clip) => typeof clip.map === "number" && clip.video.readyState > 1)
      || null;
    this.began = { time: performance.now(), frame: this.frame };
    for (const clip of this.clips) {
      this.align(clip);
      // A clip whose frames follow the driver's one by one runs by itself; others are set each time.
      if (typeof clip.map === "number" && clip.video.readyState > 1) {
        clip.video.play().catch(() => this.set(false));
      }
    }
    this.request = requestAnimationFrame(() => this.tick());
  }

  /** Return the driving frame of now: by the leading clip, or by the clock where there is none. */
  now() {
    const { leader, began } = this;
    if (leader && this.frame < leader.map - 1 && !leader.video.ended) {
      return Math.floor(leader.video.currentTime * this.rate);
    }
    const passed = ((performance.now() - began.time) / 1000) * this.rate * this.speed;
    return Math.floor(began.frame + passed);
  }

  tick() {
    if (!this.playing) return;
    const frame = this.now();
    if (frame >= this.count - 1) {
      this.move(this.count - 1);
      this.set(false);
      if (this.loop) {
        this.seek(0);
        this.set(true);
      }
      return;
    }
    if (frame !== this.frame) {
      if (frame >= (this.leader ? this.leader.map - 1 : 0) && this.leader) {
        this.began = { time: performance.now(), frame };
      }
      this.move(frame);
      for (const clip of this.clips) if (clip !== this.leader) this.follow(clip);
    }
    this.request = requestAnimationFrame(() => this.tick());
  }

  /** Bring a clip back that has left the step by more than a frame. */
  follow(clip) {
    if (clip.video.seeking) return;
    const wanted = this.time(clip, this.frame);
    const most = typeof clip.map === "number" ? 1 / this.rate : 0.25 / this.rate;
    const away = Math.abs(clip.video.currentTime - wanted);
    const over = typeof clip.map === "number" && this.frame >= clip.map - 1;
    if (away > most && !over) clip.video.currentTime = wanted;
  }

  stop() {
    this.set(false);
  }
}

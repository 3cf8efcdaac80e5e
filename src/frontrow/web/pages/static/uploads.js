// Files that are dropped or chosen go to the server one after the other, each with its progress; then the form is sent.
"use strict";

for (const form of document.querySelectorAll("form.import")) {
  const area = form.querySelector(".drop");
  const input = form.querySelector("input[type=file]");
  const list = form.querySelector(".files");
  const button = form.querySelector("button[type=submit]");
  const chosen = [];

  const say = (item, text, tone) => {
    item.querySelector(".state").textContent = text;
    item.className = tone || "";
  };

  const add = (files) => {
    for (const file of files) {
      const item = document.createElement("li");
      const name = document.createElement("strong");
      const state = document.createElement("span");
      const bar = document.createElement("progress");
      const remove = document.createElement("button");
      name.textContent = file.name;
      state.className = "state";
      bar.max = 1;
      bar.hidden = true;
      bar.setAttribute("aria-label", file.name);
      remove.type = "button";
      remove.className = "link";
      remove.textContent = "Remove";
      remove.setAttribute("aria-label", "Remove " + file.name);
      item.append(name, " ", state, " ", remove, bar);
      const entry = { file, item, bar, remove };
      remove.addEventListener("click", () => {
        chosen.splice(chosen.indexOf(entry), 1);
        item.remove();
        if (!chosen.length) input.focus();
      });
      chosen.push(entry);
      list.append(item);
      say(item, (file.size / 1e6).toFixed(1) + " MB");
      if (file.size > Number(form.dataset.megabytes) * 1e6) say(item, "is larger than " + form.dataset.megabytes + " MB", "bad");
    }
  };

  const send = (entry) => new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("PUT", form.dataset.uploads + "?name=" + encodeURIComponent(entry.file.name));
    request.upload.addEventListener("progress", (event) => {
      entry.bar.hidden = false;
      entry.bar.value = event.loaded / event.total;
      say(entry.item, Math.round((100 * event.loaded) / event.total) + " %");
    });
    request.addEventListener("load", () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* not JSON: the status says enough */ }
      if (request.status >= 200 && request.status < 300 && answer.upload_id) return done(answer.upload_id);
      fail(answer.detail || "It could not be sent.");
    });
    request.addEventListener("error", () => fail("The connection was lost. Send it again."));
    request.send(entry.file);
  });

  input.addEventListener("change", () => { add(input.files); input.value = ""; });
  for (const name of ["dragenter", "dragover"]) {
    area.addEventListener(name, (event) => { event.preventDefault(); area.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) area.addEventListener(name, () => area.classList.remove("over"));
  area.addEventListener("drop", (event) => { event.preventDefault(); add(event.dataTransfer.files); });

  form.addEventListener("submit", async (event) => {
    if (!chosen.length || form.dataset.ready) return;
    event.preventDefault();
    button.disabled = true;
    for (const entry of chosen) {
      entry.remove.hidden = true;
      if (entry.id) continue;
      try {
        entry.id = await send(entry);
        say(entry.item, "sent", "good");
      } catch (problem) {
        say(entry.item, String(problem), "bad");
        entry.remove.hidden = false;
        button.disabled = false;
        return;
      }
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "upload";
      field.value = entry.id;
      form.append(field);
    }
    form.dataset.ready = "yes";
    form.submit();
  });
}

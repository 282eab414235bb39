// Usage: node check.cjs http://127.0.0.1:8080  -- prints one JSON object a client.
// Two of the clients have Google's address built in; an interceptor of axios sends them to ours, as
// docs/migrate-from-perspective.md shows.
const base = process.argv[2];
const text = "Sie sind ein Idiot.";

function redirected(axios) {
  axios.interceptors.request.use((config) => {
    config.url = config.url.replace("https://commentanalyzer.googleapis.com", base);
    return config;
  });
}

async function report(client, run) {
  try {
    console.log(JSON.stringify({ client, ...(await run()) }));
  } catch (error) {
    console.log(JSON.stringify({ client, failed: String(error.message || error) }));
  }
}

function axiosOf(name) {
  return require(require.resolve("axios", { paths: [require.resolve(name)] }));
}

(async () => {
  await report("perspective-api-client", async () => {
    redirected(axiosOf("perspective-api-client"));
    const Perspective = require("perspective-api-client");
    const client = new Perspective({ apiKey: "none" });
    const answer = await client.analyze(text, { attributes: ["toxicity", "insult"] });
    let refused = "";
    await client.analyze("x", { attributes: ["nonsense"] }).catch((e) => (refused = e.message));
    return { toxicity: answer.attributeScores.TOXICITY.summaryScore.value, refused };
  });
  await report("@conversationai/perspectiveapi-js-client", async () => {
    redirected(axiosOf("@conversationai/perspectiveapi-js-client"));
    const { Client } = require("@conversationai/perspectiveapi-js-client");
    const scores = await new Client("none").getScores(text, {
      attributes: ["TOXICITY", "SPAM"],
      languages: ["de"],
    });
    return { toxicity: scores.TOXICITY };
  });
  await report("googleapis-common", async () => {
    const { Discovery } = require("googleapis-common");
    const discovery = new Discovery({ debug: false, includePrivate: false });
    const make = await discovery.discoverAPI(`${base}/$discovery/rest?version=v1alpha1`);
    const client = make({ version: "v1alpha1", auth: "none" });
    const answer = await client.comments.analyze({
      resource: { comment: { text }, languages: ["de"], requestedAttributes: { TOXICITY: {} } },
    });
    return { toxicity: answer.data.attributeScores.TOXICITY.summaryScore.value };
  });
})();

/**
 * LiteLLM's proxy: a server of OpenAI's and of Anthropic's protocol that is not ours, with a canned
 * answer and with one that it has from a provider behind it.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { litellm } from './paths.mjs';
import { Server, freePort, temporaryFolder } from './processes.mjs';

/** The model's name and the key that the proxy asks for. */
export const MODEL = 'canned';
export const RELAYED = 'relayed';
export const KEY = 'sk-test-0123456789';

/**
 * Starts the proxy with a model that gives `answer`, and one that asks the OpenAI-compatible server
 * at `upstream`, if there is one.
 * @param {string} answer
 * @param {string} [upstream]
 */
export async function startLiteLlm(answer, upstream) {
  if (!litellm) throw new Error('AISLE_LITELLM does not say where LiteLLM is');
  const folder = temporaryFolder();
  const config = {
    model_list: [
      {
        model_name: MODEL,
        litellm_params: { model: 'openai/canned', api_key: 'none', mock_response: answer },
      },
      ...(upstream
        ? [{
            model_name: RELAYED,
            litellm_params: { model: 'hosted_vllm/relayed', api_key: 'none', api_base: upstream },
          }]
        : []),
    ],
  };
  const file = join(folder, 'config.yaml');
  // JSON is YAML, too.
  writeFileSync(file, JSON.stringify(config));
  const port = await freePort();
  const server = new Server(
    'litellm',
    litellm,
    ['--config', file, '--host', '127.0.0.1', '--port', String(port)],
    { cwd: folder, env: { LITELLM_MASTER_KEY: KEY, LITELLM_LOCAL_MODEL_COST_MAP: 'True' } },
  );
  const origin = `http://127.0.0.1:${port}`;
  // Its start is a matter of many seconds of Python imports.
  await server.ready(async () => (await fetch(`${origin}/health/liveliness`)).ok, 120_000);
  return { origin, kill: () => server.kill() };
}

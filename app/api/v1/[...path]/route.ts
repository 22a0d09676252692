import { answerApi } from '../../../_api/answer.ts';

interface Context {
  params: Promise<{ path: string[] }>;
}

/** The JSON API: everything that the site shows, for programs. docs/api.md says what there is. */
export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { path } = await params;
  return answerApi(path, new URL(request.url).searchParams);
}

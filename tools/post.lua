-- usage: wrk -s tools/post.lua URL/api/v1/reports -- RUN UNTIL     posts one report a request, each another, of the 29 days
-- before UNTIL (unix seconds), for older ones are to be imported; prints "JSON {...}" at the end. RUN makes the ids new.
local run, newest, n = "", 0, 0
function init(args)
  run, newest = args[1], tonumber(args[2])
  math.randomseed(newest + #run)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
end
function request()
  n = n + 1
  local at = os.date("!%Y-%m-%dT%H:%M:%SZ", newest - math.random(0, 29 * 86400))
  return wrk.format(nil, nil, nil, string.format(
    '{"category":"road_damage","lon":%.6f,"lat":%.6f,"observed_at":"%s",' ..
    '"text":"人行道地砖松动，下雨后溅水，行人绕行，请派人维修","source":{"channel":"bench","id":"%s-%d"}}',
    110.186 + 0.287 * math.random(), 19.894 + 0.271 * math.random(), at, run, n))
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('JSON {"requests":%d,"dur_us":%d,"errors":%d,"p50_ms":%.3f,"p99_ms":%.3f,"max_ms":%.3f}\n',
    summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end

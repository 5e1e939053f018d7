-- For wrk: posts the picture that PICTURE names, as 500 clients behind a proxy; figures in one line at the end.

local file = assert(io.open(os.getenv("PICTURE"), "rb"))
local picture = file:read("*a")
file:close()

local requests, at = {}, 0

function init()
  for i = 1, 500 do
    local client = string.format("10.0.%d.%d", math.floor(i / 250), i % 250 + 1)
    requests[i] = wrk.format("POST", nil, { ["Content-Type"] = "image/png", ["X-Forwarded-For"] = client }, picture)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

-- Times in microseconds. An error of status is an answer of 400 or more.
function done(summary, latency)
  local errors = summary.errors
  local lost = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("FIGURES %d %d %d %d %d\n",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), lost))
end

"""Makes chat/templates.json in ../resources/reference: what transformers renders from chat templates, and from many small
ones that each use a corner of Jinja. The templates are our own, in the styles of ChatML, Llama 2, Llama 3, Mistral, Qwen and others."""

import datetime
import json
import os

from transformers.utils.chat_template_utils import _compile_jinja_template, render_jinja_template

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.normpath(os.path.join(HERE, "..", "resources", "reference", "chat"))

TEMPLATES = {
    "chatml": "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "chatml-generation": "{%- for message in messages %}\n    {{- '<|im_start|>' + message.role + '\n' }}\n"
    "    {%- if message.role == 'assistant' %}\n        {%- generation %}\n            {{- message.content + '<|im_end|>' }}\n"
    "        {%- endgeneration %}\n    {%- else %}\n        {{- message.content + '<|im_end|>' }}\n    {%- endif %}\n    {{- '\n' }}\n"
    "{%- endfor %}\n{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\n' }}\n{%- endif %}\n",
    "llama2": "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}"
    "{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}"
    "{% endif %}{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}"
    "{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}"
    "{% elif message['role'] == 'assistant' %}{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}",
    "llama3": "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] "
    "+ '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}"
    "{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}",
    "llama31": """{{- bos_token }}
{%- if custom_tools is defined %}
    {%- set tools = custom_tools %}
{%- endif %}
{%- if not tools_in_user_message is defined %}
    {%- set tools_in_user_message = true %}
{%- endif %}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}

{#- The system message is taken out, so that it can come first. #}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}

{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if tools is not none %}
    {{- "Environment: ipython\\n" }}
{%- endif %}
{{- "Cutting Knowledge Date: December 2023\\n" }}
{{- "Today Date: " + date_string + "\\n\\n" }}
{%- if tools is not none and not tools_in_user_message %}
    {{- "You have these functions.\\n\\n" }}
    {%- for t in tools %}
        {{- t | tojson(indent=4) }}
        {{- "\\n\\n" }}
    {%- endfor %}
{%- endif %}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- if tools_in_user_message and not tools is none %}
    {%- if messages | length != 0 %}
        {%- set first_user_message = messages[0]['content']|trim %}
        {%- set messages = messages[1:] %}
    {%- else %}
        {{- raise_exception("Cannot put tools in the first user message when there's no first user message!") }}
    {%- endif %}
    {{- '<|start_header_id|>user<|end_header_id|>\\n\\n' -}}
    {{- "Answer with a function call, if one helps.\\n\\n" }}
    {%- for t in tools %}
        {{- t | tojson(indent=4) }}
        {{- "\\n\\n" }}
    {%- endfor %}
    {{- first_user_message + "<|eot_id|>"}}
{%- endif %}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls|length == 1 %}
            {{- raise_exception("This model only supports single tool-calls at once!") }}
        {%- endif %}
        {%- set tool_call = message.tool_calls[0].function %}
        {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}
        {{- '{"name": "' + tool_call.name + '", ' }}
        {{- '"parameters": ' }}
        {{- tool_call.arguments | tojson }}
        {{- "}" }}
        {{- "<|eot_id|>" }}
    {%- elif message.role == "tool" or message.role == "ipython" %}
        {{- "<|start_header_id|>ipython<|end_header_id|>\\n\\n" }}
        {%- if message.content is mapping or message.content is iterable %}
            {{- message.content | tojson }}
        {%- else %}
            {{- message.content }}
        {%- endif %}
        {{- "<|eot_id|>" }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
""",
    "mistral": "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if message['role'] == 'user' %}"
    "{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token}}"
    "{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}",
    "mistral3": """{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}
{%- set user_messages = loop_messages | selectattr("role", "equalto", "user") | list %}
{%- set ns = namespace() %}
{%- set ns.index = 0 %}
{%- for message in loop_messages %}
    {%- if not (message.role == "tool" or message.role == "tool_results" or (message.tool_calls is defined and message.tool_calls is not none)) %}
        {%- if (message["role"] == "user") != (ns.index % 2 == 0) %}
            {{- raise_exception("After the optional system message, conversation roles must alternate user/assistant/user/assistant/...") }}
        {%- endif %}
        {%- set ns.index = ns.index + 1 %}
    {%- endif %}
{%- endfor %}
{{- bos_token }}
{%- for message in loop_messages %}
    {%- if message["role"] == "user" %}
        {%- if tools is not none and (message == user_messages[-1]) %}
            {{- "[AVAILABLE_TOOLS] [" }}
            {%- for tool in tools %}
                {%- set tool = tool.function %}
                {{- '{"type": "function", "function": {' }}
                {%- for key, val in tool.items() if key != "return" %}
                    {%- if val is string %}
                        {{- '"' + key + '": "' + val + '"' }}
                    {%- else %}
                        {{- '"' + key + '": ' + val|tojson }}
                    {%- endif %}
                    {%- if not loop.last %}
                        {{- ", " }}
                    {%- endif %}
                {%- endfor %}
                {{- "}}" }}
                {%- if not loop.last %}
                    {{- ", " }}
                {%- else %}
                    {{- "]" }}
                {%- endif %}
            {%- endfor %}
            {{- "[/AVAILABLE_TOOLS]" }}
        {%- endif %}
        {%- if loop.last and system_message is defined %}
            {{- "[INST] " + system_message + "\\n\\n" + message["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + message["content"] + "[/INST]" }}
        {%- endif %}
    {%- elif message["role"] == "assistant" %}
        {{- " " + message["content"]|trim + eos_token}}
    {%- endif %}
{%- endfor %}
""",
    "phi3": "{% for message in messages %}{% if message['role'] == 'system' %}{{'<|system|>\n' + message['content'] + '<|end|>\n'}}"
    "{% elif message['role'] == 'user' %}{{'<|user|>\n' + message['content'] + '<|end|>\n'}}{% elif message['role'] == 'assistant' %}"
    "{{'<|assistant|>\n' + message['content'] + '<|end|>\n'}}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}"
    "{% else %}{{ eos_token }}{% endif %}",
    "qwen25": """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0]['role'] == 'system' %}
        {{- messages[0]['content'] }}
    {%- else %}
        {{- 'You are a helpful assistant.' }}
    {%- endif %}
    {{- "\\n\\n# Tools\\n\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\\n</tools>\\n\\nFor each function call, return a json object:\\n<tool_call>\\n{\\"name\\": <function-name>}\\n</tool_call><|im_end|>\\n" }}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {{- '<|im_start|>' + message.role }}
        {%- if message.content %}
            {{- '\\n' + message.content }}
        {%- endif %}
        {%- for tool_call in message.tool_calls %}
            {%- if tool_call.function is defined %}
                {%- set tool_call = tool_call.function %}
            {%- endif %}
            {{- '\\n<tool_call>\\n{"name": "' }}
            {{- tool_call.name }}
            {{- '", "arguments": ' }}
            {{- tool_call.arguments | tojson }}
            {{- '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "tool" %}
        {%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != "tool") %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\\n<tool_response>\\n' }}
        {{- message.content }}
        {{- '\\n</tool_response>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}
            {{- '<|im_end|>\\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
""",
    "qwen3": """{%- if messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step_tool and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.multi_step_tool = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.content is string %}
        {%- set content = message.content %}
    {%- else %}
        {%- set content = '' %}
    {%- endif %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {%- set reasoning_content = '' %}
        {%- if message.reasoning_content is string %}
            {%- set reasoning_content = message.reasoning_content %}
        {%- else %}
            {%- if '</think>' in content %}
                {%- set reasoning_content = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
                {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
            {%- endif %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query_index %}
            {%- if loop.last or (not loop.last and reasoning_content) %}
                {{- '<|im_start|>' + message.role + '\\n<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
            {%- else %}
                {{- '<|im_start|>' + message.role + '\\n' + content }}
            {%- endif %}
        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}
""",
}

TURNS = [
    {"role": "system", "content": " You are kind.\n"},
    {"role": "user", "content": "Hi 😀, it's \"x\" <|im_end|>\n"},
    {"role": "assistant", "content": " Hello!\n"},
    {"role": "user", "content": "\tmore? "},
    {"role": "assistant", "content": "<think>\nhm\n</think>\n\nBye."},
]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "add",
            "description": "Adds <two> & numbers é",
            "parameters": {"type": "object", "properties": {"a": {"type": "number", "default": 1.5}}, "required": ["a"], "none": None, "list": []},
        },
    }
]
CALLS = [
    {"role": "user", "content": "1+2?"},
    {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "add", "arguments": {"a": 1, "b": 2.0, "c": "\u2028\t"}}}]},
    {"role": "tool", "content": "3"},
    {"role": "assistant", "content": "3."},
]
CONVERSATIONS = {
    "all": TURNS,
    "without system": TURNS[1:],
    "to answer": TURNS[1:4],
    "two users": [TURNS[1], TURNS[3]],
    "tools": CALLS,
    "one": TURNS[1:2],
}

SNIPPETS = [
    "{{ 1 }} {{ 1.0 }} {{ 1e20 }} {{ 0.00001 }} {{ 123456789.25 }} {{ true }} {{ none }} {{ [1, 'a', none, true, 2.5] }} {{ {'a': 'it\\'s', 'b': [1]} }}",
    "{{ missing }}|{{ missing is defined }}|{{ a.missing is defined }}|{{ missing | default('d') }}|{{ '' | default('d', true) }}|{{ missing == other }}",
    "{{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 10 }} {{ 2 ** -1 }} {{ -2 ** 2 }} {{ 1 + 2 * 3 - 4 }} {{ 'a' * 3 }} {{ 1 ~ 2 ~ 'x' }} {{ 1 + (2 ~ 3) | int }}",
    "{{ 'abcdef'[1:3] }} {{ 'abcdef'[::-1] }} {{ 'abcdef'[-2:] }} {{ [1,2,3,4][::2] }} {{ [1,2,3][-1] }} {{ [1,2,3][5] is defined }} {{ [1,2,3][:-1] }} {{ [1,2,3][2:0:-1] }} {{ 'a😀b'[1] }} {{ 'a😀b' | length }}",
    "{{ 'a,b,,c'.split(',') }} {{ ' a  b '.split() }} {{ 'a,b,c'.split(',', 1) }} {{ 'a,b,c'.rsplit(',', 1) }} {{ ' a  b c '.split(none, 1) }} {{ ''.split(',') }} {{ ''.split() }} {{ 'a\nb\r\nc\n'.splitlines() }}",
    "[{{ '  x\u00a0 '.strip() }}] [{{ 'xxaxx'.strip('x') }}] [{{ 'xya'.lstrip('yx') }}] [{{ 'a\n\n'.rstrip('\n') }}] [{{ ' a ' | trim }}] [{{ '--a-' | trim('-') }}]",
    "{{ 'hello world'.title() }} {{ 'hELLO' | capitalize }} {{ 'a-b_c'.upper() }} {{ 'ÄÖ'.lower() }} {{ 'abc'.find('c') }} {{ 'abc'.find('z') }} {{ 'aXbXc'.replace('X', '-', 1) }} {{ 'a' | replace('a', 'b') }} {{ 'ab'.startswith(('x', 'a')) }} {{ 'abcabc'.count('bc') }} {{ ','.join(['a', 'b']) }} {{ '12'.isdigit() }} {{ ''.isdigit() }} {{ 'unhappy'.removeprefix('un') }}",
    "{{ d | tojson }} {{ d | tojson(indent=2) }} {{ [] | tojson(indent=1) }} {{ {} | tojson }} {{ d | tojson(separators=(',', ':')) }} {{ {'b': 1, 'a': 2} | tojson(sort_keys=true) }} {{ 'é<\u2028\"\\\\' | tojson }} {{ 1.0 | tojson }} {{ d | tojson(ensure_ascii=False) }}",
    "{% for k, v in d.items() %}{{ loop.index }}/{{ loop.length }} {{ k }}={{ v }}{{ ', ' if not loop.last }}{% endfor %} {{ d.keys() | list }} {{ d.values() | list }} {{ d.get('x', 3) }} {{ d.get('zz') }} {{ 'x' in d }} {{ d | items | list }} {{ d | dictsort }}",
    "{% for i in range(5) if i is odd %}{{ i }}{% else %}none{% endfor %} {% for i in [] %}x{% else %}none{% endfor %} {% for i in range(1, 10, 3) %}{{ loop.first }}{{ i }}{{ loop.revindex }}{{ loop.previtem }}{{ loop.nextitem }};{% endfor %}",
    "{% for i in range(9) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 5 %}{% break %}{% endif %}{{ i }}{% endfor %}",
    "{% set x = 1 %}{% for i in range(3) %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}{% set ns = namespace(n=1, m='a') %}{% for i in range(3) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}{{ ns.m }}",
    "{% if false %}{% set y = 1 %}{% endif %}{{ y is defined }}{% if true %}{% set y = 2 %}{% endif %}{{ y }}{% set a1, b1 = 1, 'z' %}{{ a1 }}{{ b1 }}",
    "{% macro m(a, b='q', c=none) %}<{{ a }}{{ b }}{{ c }}>{% endmacro %}{{ m(1) }}{{ m(1, c=3) }}{{ m(b=2, a=1) }}{{ m(1) | upper }}",
    "{% set t %}  a{{ 1 }}\n {% endset %}[{{ t }}][{{ t | trim }}]{% set u | trim | upper %} x {% endset %}[{{ u }}]{% filter upper %}abc{{ 'd' }}{% endfilter %}",
    "a\n  {% if true %}  \nb\n  {% endif %}\nc\n {# note #}\nd {{ 1 }}\n e\n",
    "a\n  {%- if true -%}  \n  b  {%- endif %}\n\n {{- ' c ' -}} \n d {%+ if true %} e {% endif +%}\nf{#- x -#} g",
    "{% raw %}{{ x }}{% y %}{% endraw %}{{ '{{' }}{{ '%}' }}{{ {'a': {'b': 1}}['a']['b'] }}",
    "{{ 'a' if x is defined else 'b' }}{{ 'c' if false }}{{ ('d' if true else 'e') ~ 'f' }}{{ not true or true }}{{ not (true and false) }}{{ 1 < 2 < 3 }}{{ 1 < 3 < 2 }}{{ 2 not in [1] }}{{ '' or 'x' }}{{ 'y' and 'z' }}",
    "{{ 1 is number }}{{ 'a' is string }}{{ [] is iterable }}{{ {} is mapping }}{{ 'a' is sequence }}{{ none is none }}{{ true is boolean }}{{ 1 is integer }}{{ 1.0 is float }}{{ 4 is divisibleby 2 }}{{ 3 is even }}{{ 'a' is in ['a'] }}{{ 1 is eq 1 }}{{ true is true }}{{ 1 is true }}{{ x is not defined }}{{ missing is none }}{{ 2 is gt(1) }}{{ [] is string }}",
    "{{ [3,1,2] | sort }}{{ ['b','A','c'] | sort }}{{ [1,2,3] | first }}{{ [1,2,3] | last }}{{ [1,1,2] | unique | list }}{{ [1,2,3] | sum }}{{ [1,2,3] | reverse | list }}{{ 'abc' | reverse }}{{ [1,5,2] | max }}{{ [1,5,2] | min }}{{ ['a','b'] | join('-') }}{{ [1,2] | join }}",
    "{{ m | selectattr('role', 'equalto', 'user') | map(attribute='content') | list }}{{ m | rejectattr('role', 'eq', 'user') | list | length }}{{ [1,2,3,4] | select('even') | list }}{{ [0,1,''] | reject | list }}{{ ['a','b'] | map('upper') | join(',') }}{{ m | map(attribute='role') | join(', ') }}{{ m | selectattr('x', 'defined') | list }}{{ m | sort(attribute='content') | map(attribute='content') | list }}",
    "{{ '%s is %d' | format('a', 3) }}{{ '%s%%' % 5 }}{{ '{} {}'.format('a', 2) }}{{ '3.7' | float }}{{ '42' | int }}{{ 3.7 | int }}{{ 2.5 | round }}{{ 3.14159 | round(2) }}{{ -3 | abs }}{{ 5 | string + 'x' }}{{ 'a\nb\n\nc' | indent(2) }}{{ 'a\nb' | indent(1, true) }}",
    "{{ strftime_now('%d %b %Y %B %A %H:%M %-d/%-m %y %j %%') }}",
    "{{ 'a' 'b' \"c\" }}{{ 'tab\\tnew\\nquote\\'\\\\x' }}{{ (1, 2) }}{{ (1,) }}{{ [] + [1] }}{{ {'a': 1}.a }}{{ {'items': 1}['items'] }}{{ dict(a=1, b='x') }}",
    "{{ m[0].content[0] }}{{ m[-1]['role'] }}{{ m[0]['content'].split('i')[0] }}{{ m | length > 1 and m[1].role == 'assistant' }}{{ (m | first).role }}{{ m[1:] | length }}",
    "{{ '\u00e9'.upper() }}{{ 'straße' | upper }}{{ 'x' ~ none ~ true ~ missing }}{{ [missing is defined, none] }}{{ {'a': none} }}{{ 'caf\u00e9' | length }}",
    "{%- set x -%} a {%- endset -%} [{{ x }}] {%- if x -%} yes {%- else -%} no {%- endif -%} !",
]
REFUSED = [
    "{{ missing.a }}",
    "{{ missing + 'a' }}",
    "{{ 'a' + 1 }}",
    "{{ raise_exception('No: ' + 'way') }}",
    "{{ missing() }}",
    "{% for a, b in [[1, 2, 3]] %}{% endfor %}",
    "{{ 1 / 0 }}",
    "{% if true %}",
    "{{ 1 | nofilter }}",
    "{{ 1 is notest }}",
    "{% unknown %}",
    "{{ 'a' }",
    "{{ (1 }}",
    "{% set x.y = 1 %}",
    "{% endif %}",
]
VALUES = {
    "d": {"x": 1, "y": [1.5, None, True], "z": {"q": "é\n"}, "A": "s"},
    "m": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho", "x": 1}],
    "a": {"b": 1},
    "x": 5,
}


def strftime_now(form):
    return datetime.datetime(2024, 7, 26).strftime(form)


def main():
    os.makedirs(OUT, exist_ok=True)
    templates = []
    for name, template in TEMPLATES.items():
        cases = []
        for turns, messages in CONVERSATIONS.items():
            for tools in (None, TOOLS):
                for prompt in (False, True):
                    case = {"messages": messages, "tools": tools, "add_generation_prompt": prompt}
                    variables = {"bos_token": "<s>", "eos_token": "</s>", "strftime_now": strftime_now}
                    try:
                        texts, spans = render_jinja_template(
                            conversations=[messages],
                            tools=tools,
                            chat_template=template,
                            add_generation_prompt=prompt,
                            return_assistant_tokens_mask="{%- generation" in template,
                            **variables,
                        )
                        text = texts[0]
                        case["text"] = text
                        # in code points
                        case["generated"] = [list(span) for span in spans[0]] if spans and spans[0] else []
                    except Exception as e:  # what the template raises
                        case["error"] = str(e)
                    cases.append(case)
        templates.append({"name": name, "template": template, "cases": cases})
    snippets = [
        {"template": s, "text": _compile_jinja_template(s).render(strftime_now=strftime_now, **VALUES)} for s in SNIPPETS
    ]
    for template in REFUSED:
        try:
            _compile_jinja_template(template).render(**VALUES)
        except Exception:
            continue
        raise AssertionError(template)
    with open(os.path.join(OUT, "templates.json"), "w", encoding="utf-8") as file:
        json.dump({"templates": templates, "values": VALUES, "snippets": snippets, "refused": REFUSED}, file, ensure_ascii=True)
        file.write("\n")
    print(len(templates), "templates,", sum(len(t["cases"]) for t in templates), "renderings,", len(snippets), "snippets")


if __name__ == "__main__":
    main()

package io.github.sparklorafa.markup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class MarkupTest {
  private static final String HOSTILE = "</td><script>alert('a & \"b\"')</script>";

  @Test
  void contentAndValuesStayText() throws Exception {
    String text =
        new Markup().open("p", "title", HOSTILE, "id", "").text(HOSTILE).close().toString();

    assertThat(text).doesNotContain("<script").doesNotContain("id=");
    Element p = parsed(text);
    assertThat(p.getTextContent()).isEqualTo(HOSTILE);
    assertThat(p.getAttribute("title")).isEqualTo(HOSTILE);
    assertThat(p.getChildNodes().getLength()).isEqualTo(1);
  }

  @Test
  void whatIsNoCharacterOfXmlIsReplaced() throws Exception {
    String text = new Markup().element("p", "a\u0000b\u001bc\ud800d\n😀").toString();

    assertThat(parsed(text).getTextContent()).isEqualTo("a\ufffdb\ufffdc\ufffdd\n😀");
  }

  static Element parsed(String xml) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)))
        .getDocumentElement();
  }
}
